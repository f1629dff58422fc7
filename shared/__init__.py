"""The kit every department stands on.

What belongs here: anything two departments need that knows no word of the trade. The trade's
vocabulary may enter in two places only: `shared/events/` (the published language) and
`shared/duties/` (the duty catalogue). A third place is a bug.
"""
