"""Newspapers and journals (报刊): what should come, what came, where it lies, and what is missing.

A title has a pattern in versions; from it the issues to come are foreseen and checked in against the day's delivery.
What stays away is found by the clock and told to whoever buys. The newest issue of a title stands on its rack until the
title's own rule takes it down. `recurrence`, `numbering`, `patterns` and `captions` are pure: they know neither a clock nor a row.
Serves RDR-CIR-NWS-01, RDR-CIR-NWS-02, RDR-CIR-ACJ-01, RDR-CIR-ACJ-02 and the serials part of RDR-STK-BCK-01.
"""
