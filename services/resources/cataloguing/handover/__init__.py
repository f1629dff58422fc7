"""Handing over (典校交接): processed items are gathered into numbered batches and sent to a service point.

A batch is gathered by scan, by list or from what waits, checked book by book (barcode and spine label), and
sent; the items stay with resources until the point has counted them. What the point disputes comes back to
the workroom with its reason and may go into a later batch. Serves RES-MGT-01 and RES-ACQ-01.
"""
