"""离校清理: nobody leaves with our books or debts, and nobody who is clear is kept waiting.

The institute says who leaves; the numbers shown are the patron's own counters, so they are live.
A clearance is given as soon as nothing is open, and taken back when something new appears before
the card is closed. Serves RDR-DSK-BAS-04.
"""
