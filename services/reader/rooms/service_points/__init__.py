"""Service points: where patrons are served, and which locations belong to which point.

A return knows from here whether the item is at home, a hold where it may be fetched. Serves
RDR-LED-RRM-01, RDR-LED-FRD-01.
"""
