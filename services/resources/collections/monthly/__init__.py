"""The monthly holdings report (典藏统计月报): titles, copies and value by location, class, language and source.

Every change of the stock leaves a row in `holding_move`, written by the database itself where items change, so no
door can forget it and none can take it back. A month is the sum of its rows on top of the month before; what the
items themselves say is counted beside it, and a difference is shown, explained, or the month is not handed in.
One prepares, another hands in; then the month never changes. Serves RES-MGT-04.
"""
