"""The public catalogue: find a book by whatever one remembers of it, and see where it is now.

The descriptions are a read copy taught by resources; copies and queues are joined live from the
desk and never stored here. Serves RDR-LED-FRD-01, RDR-DSK-BAS-02.
"""
