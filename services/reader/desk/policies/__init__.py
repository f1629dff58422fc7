"""The rules of lending: versions, drafted by one head and put in force by another, from a date on.

A version holds rules for patron category × item kind × location; the most specific rule that gives
a value decides it, the rest is inherited. Serves RDR-LED-FRD-01, RDR-LED-FRD-03, RDR-DSK-BAS-02.
"""
