"""Closing a year (结转): what is held for open orders goes on in the next year with its money, the rest lapses or goes on, too.

Prepared by finance with the numbers in view, carried out by a leader, once a year and all lines together. Serves OFF-FIN-01.
"""
