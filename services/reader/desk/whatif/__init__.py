"""What would happen, without doing it: a loan tried dry, a version tried on last month's loans.

Everything here reads; nothing is locked, nothing is kept. Serves RDR-LED-FRD-01, RDR-LED-FRD-03.
"""
