"""The desk: lending, returning, holds, cards, money, damage and re-inspection.

Rooms build on one another in this order and never backwards: calendar, items, patrons, charges,
holds, condition, circulation, notices, cards, clearance, campus, consortium, counter, privacy. Queries may join a
neighbour's tables; only the neighbour's commands change them. Whoever locks rows takes the item
first, then the patron, then holds.
"""

DESK = ("RDR-DSK", "RDR-LED", "RDR-CIR", "head-reader")
HEAD = ("RDR-LED", "head-reader")
