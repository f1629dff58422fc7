"""What the desk puts on a book: a new barcode for a worn one, and spine and barcode labels.

A former barcode goes on answering for its item (items.queries) and is never given to another. Labels
that have become wrong wait in a queue until somebody printed them.

Serves RDR-DSK-BAS-05, RDR-CIR-OTH-05.
"""
