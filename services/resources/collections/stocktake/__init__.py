"""Stock-takes (清点): a campaign with a scope, the list of what should stand there, and what people scan.

The expected list is frozen when counting opens, in one statement however large. Barcodes come by scanner, by
file, or from a phone that had no network; each counts once, in the place where it was seen last. What the desk
has lent or in its hands is not missing. Differences are worked off, and a second person closes the books.
Serves RES-MGT-01, RES-MGT-04, RDR-STK-CST-01.
"""
