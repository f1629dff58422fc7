"""Loss cases: lost or claimed returned, compensated by money or by a copy, found again, refunded.

A case begins when the loan ends without the book (circulation/losing.py) and follows it until a copy
stands in its place, the money is paid, or the original is back and its compensation refunded.

Serves RDR-DSK-BAS-04, RDR-DSK-BAS-06, RDR-LED-FRD-03.
"""
