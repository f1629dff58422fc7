"""Records that describe one work: found, compared, merged, and taken apart again if that was wrong.

A merge keeps the losing record as a shell: its number and link lead to the other for ever, and its text and history can be
read. Everything that pointed to it points to the survivor. Merges of many items, or of items on loan, are released by a second
person. Duties: RES-MGT-01, RDR-LED-FRD-06.
"""
