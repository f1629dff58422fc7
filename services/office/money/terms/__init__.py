"""The analysis of a term (学期经费使用情况分析报告): plan and spending by fund, the same term a year before, what deviates and why.

Reckoned from the ledger and the vouchers, explained line by line, audited by another person, handed to the leaders on a day.
Serves OFF-FIN-02.
"""
