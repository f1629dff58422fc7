"""Transfers (调拨): a list of items that move to another location, with a scan at each end.

A transit is one book on its way to somebody or home; a transfer changes where books belong. The sending scan
makes an item relocating, the sender answers for it until the receiving scan, and what never came is looked for as
missing. Resources own the location and follow by event. Serves RDR-LED-FRD-06 and RDR-STK-CST-03.
"""
