"""Records taken out in the form and dialect another system wants, one or a whole search result; a record turned into the other dialect.

Serves RES-MGT-01.
"""
