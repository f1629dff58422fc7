"""Titles whose records became one: everything the desk keeps under the old title follows to the other, and goes home when
the merge is undone.

Facts may come late, twice, or out of order. So nothing is computed from what was seen last: the merges themselves are kept,
each under its number and undone for ever once undone, and a title is whatever their chain leads to today. What moved is
written down with the title it came from, so that it finds its way back. Duties: RES-MGT-01, RDR-LED-FRD-01.
"""
