"""Transfer plans (调拨计划): which items are to move, why, and where each of them is until it was received.

Resources decide what moves, another person approves it; the desk packs, sends and receives by its own transfer lists
(services/reader/desk/transfers) and tells each step. Serves RES-MGT-04.
"""
