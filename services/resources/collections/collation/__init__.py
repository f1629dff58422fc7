"""The collation check (典校): book, label, barcode, strip, stamp and record are compared before an item leaves the workroom.

By another person than who processed it; what is wrong goes back, and no batch leaves with it. Serves RES-MGT-01.
"""
