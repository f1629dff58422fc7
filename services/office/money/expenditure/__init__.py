"""Vouchers of income and spending, and differences that wait for an explanation.

What the desk banks arrives as an income voucher, what it wants refunded as a spending voucher. Each
is prepared by one person, audited by another, approved by a leader, executed by somebody who did not
approve it, and reconciled with the finance office by a third (see reconciliation). Serves OFF-FIN-02, OFF-FIN-05.
"""
