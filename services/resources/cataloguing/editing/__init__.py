"""The cataloguer's desk: a record field by field, or as a short form beside it; new records from blanks.

Both write the same record by the same gate (`versions`); neither touches what it does not show. Works
without script by round trips; with script rows are added, moved and copied in place. Serves RES-MGT-01.
"""
