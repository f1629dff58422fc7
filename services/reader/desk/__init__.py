"""The desk: lending, returning, holds, cards, money, damage and re-inspection.

Rooms build on one another in this order and never backwards: calendar, policies, items, patrons, signing, cash,
charges, losses, transit, holds, condition, circulation, processing, whatif, notices, cards, clearance, campus,
consents, inhouse, consortium, counter, dropbox, offline, privacy (the screens of policies only borrow the names
of categories and places). Queries may join a neighbour's tables; only the neighbour's commands change
them. Whoever locks rows takes the item first, then the patron, then holds.
"""

DESK = ("RDR-DSK", "RDR-LED", "RDR-CIR", "head-reader")
HEAD = ("RDR-LED", "head-reader")
