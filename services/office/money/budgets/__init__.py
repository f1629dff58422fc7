"""Funds (经费): how much each has in a year, what is held for whom, and what is spent.

A budget line is drafted, reviewed and approved by three people; every change of its sums is a row of a ledger that is
never changed, and the database keeps the sums. Orders ask for money by event and hear whether it is held; invoices turn
what is held into what is spent. Serves OFF-FIN-01 and the monthly report of OFF-FIN-02.
"""
