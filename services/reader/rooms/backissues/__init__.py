"""Back issues (过刊): what came off the racks is put together, stored, bound, shelved, or thrown away by rule.

A bundle (捆) is issues of one title between two cover dates, with the list of what it lacks. It waits at a place of its own, goes
to the binder with others in a batch, comes back as a volume, and stands in the back-issue room once label and strip are on it.
The serials room knows titles and issues; this room only reads them. Serves RDR-CIR-NWS-04, RDR-STK-BCK-02, RDR-CIR-ACJ-04 and the
back-issue part of RDR-STK-BCK-01.
"""
