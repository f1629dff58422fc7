"""Who has passed the orientation: lists of results handed in, single grants and their withdrawal, who has not.

Passing opens borrowing the same day. Results come as a list, from the desk, or from whoever holds the exam:
that room calls `commands.record`. Serves RDR-LED-FRD-03, RDR-DSK-BAS-04.
"""
