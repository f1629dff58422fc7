"""Lending, returning, renewing: one call per scan, all reasons of a refusal at once.

A loan stores why its due date is what it is. Whether an item can be lent twice is settled by the
database (one open loan per item), not by a check. Serves RDR-DSK-BAS-02, RDR-LED-FRD-01/03,
RDR-CIR-OTH-05.
"""
