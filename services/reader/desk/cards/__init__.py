"""Cards in bulk and over time: files of the card centre, re-issue, the whole patron record.

Stands on patrons, charges, holds and circulation. Serves RDR-DSK-BAS-04, RDR-LED-FRD-03.
"""
