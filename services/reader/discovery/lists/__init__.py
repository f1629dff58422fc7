"""Reading lists: what a patron collects, with notes, for a course or a paper; shared by a link nobody can guess.

A list belongs to its patron alone: there is no way for the desk to read one, and neither the audit trail
nor an event says what is on it. Serves RDR-LED-FRD-01.
"""
