"""Patrons and their cards: who may borrow how much, and what stops them.

Names and colleges live here and nowhere else in the house. Serves RDR-DSK-BAS-04, RDR-LED-FRD-03.
"""
