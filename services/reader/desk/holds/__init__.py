"""Holds: a fair, explainable queue per title, and the shelf where its items wait to be fetched.

Serves RDR-LED-FRD-01, RDR-DSK-BAS-02.
"""
