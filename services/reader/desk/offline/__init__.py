"""The offline desk (离线台): a registered browser goes on scanning without a network and sends it later.

Each scan is chained to the one before it and each batch is signed by a key that never leaves the device.
Batches are replayed in order, as of the times of the scans: what really happened is recorded, what cannot
both be true goes to a person. Serves RDR-DSK-BAS-02, RDR-LED-FRD-03, RDR-CIR-OTH-05.
"""
