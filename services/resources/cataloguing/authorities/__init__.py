"""Authority control: one established form for a name, a title, a subject; all its other forms lead to it.

An authority is made by one person and verified by another; records' headings are linked to it, follow it when it changes, and
are found by its variants. Serves RES-MGT-01 and RES-ACQ-01 (cataloguing).
"""
