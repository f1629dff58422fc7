"""Files of records: looked at first, then read in the background, every record accounted for.

A job survives a restart (it knows how many records it has done) and a second import of the same
file adds nothing. Serves RES-MGT-01 and RES-ACQ-01.
"""
