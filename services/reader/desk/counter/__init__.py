"""The counter (借还台): one scan box, the patron's panel, and the rows of this sitting.

A sitting is one patron at one desk; it lives on the server, so that scans sent faster than the
page redraws still reach the right patron, and so that the desk works without script. Serves
RDR-DSK-BAS-01/02, RDR-LED-FRD-03, RDR-CIR-OTH-05.
"""
