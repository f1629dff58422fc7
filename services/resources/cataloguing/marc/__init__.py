"""MARC: reading, projecting and writing catalogue records, without a database.

Files come from vendors, union catalogues and other systems, and half of them are spoiled in
some way; this package reads them as a stream, loses no sound record, and says of each spoiled
one what is wrong with it. Start at `reading.read`, then `projection.project` and
`holdings.items`. Serves record import, copy cataloguing, duplicate checks and label printing.
"""
