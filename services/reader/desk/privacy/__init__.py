"""What the library forgets, who looked at what, and what it knows of one person.

A returned book is nobody's business for ever: the link between person and title is cut 180 days after
the return, unless the person asked us to keep it. Serves RDR-LED-FRD-03, RDR-DSK-BAS-04.
"""
