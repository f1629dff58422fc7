"""The desk: lending, returning, holds, cards, money, damage and re-inspection.

Rooms build on one another in this order and never backwards: calendar, policies, items, patrons, signing, cash,
charges, losses, transit, holds, condition, discs, processing, circulation, books, violations, whatif, notices, cards,
clearance, campus, passes, consents, inhouse, consortium, counter, dropbox, offline, privacy, handover, transfers, pulls
(the screens of policies only borrow the names
of categories and places). Queries may join a neighbour's tables; only the neighbour's commands change
them. Whoever locks rows takes the item first, then the patron, then holds.
"""

DESK = ("RDR-DSK", "RDR-LED", "RDR-CIR", "head-reader")
HEAD = ("RDR-LED", "head-reader")
# Who proves the books of money, and who may read them.
PROVERS = (*HEAD, "OFF-FIN", "head-office", "deputy", "director", "auditor")
MONEY = (*DESK, *PROVERS[2:])
