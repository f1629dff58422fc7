"""Money patrons owe: an append-only ledger, receipts without gaps, waivers by a second person.

Serves RDR-DSK-BAS-04, RDR-LED-FRD-03.
"""
