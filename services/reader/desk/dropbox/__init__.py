"""The drop box (还书箱): what readers threw in overnight is taken back in one run, as of the closing hour.

Books are scanned one by one or a list of barcodes is handed in; each answers for itself, and the same
book or the same list twice changes nothing. Serves RDR-DSK-BAS-02, RDR-CIR-OTH-05.
"""
