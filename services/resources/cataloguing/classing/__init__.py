"""Classes and call numbers: the tree of the Chinese Library Classification, the next free number, the shelf list.

The number within a class (种次号) is given out by the database, so two cataloguers never get the same. Serves RES-MGT-01.
"""
