"""Accompanying discs (随书光盘): which disc belongs to which book, and the check before it is lent again.

A disc is an item of kind `disc` with a loan of its own (the rules for that kind: 15 days, 3 at a time).
Whatever door it comes back by, it waits for its check: surface, read test, case, count. Passed, it goes to
whoever is next or to its place; failed, the patron pays and damage slip or loss case take over.

Serves RDR-CIR-MMD-04.
"""
