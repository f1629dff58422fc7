"""Every save of a record as a version: who, when, why; what differs between two; going back to an older one.

A draft is changed at once. What patrons already see is changed by a correction: the version waits, patrons
see the old text, until another person has proofread it. Serves RES-MGT-01 and the corrections of the catalogue.
"""
