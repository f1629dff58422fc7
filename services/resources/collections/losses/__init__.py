"""What became of items the desk reports lost: recovered, replaced by a copy, written off, or there again.

The desk owns the case with the patron; here the stock follows it. A copy brought in place of a lost one
is an item in process until its record is compared and its accession entered; what nobody brings back is
proposed for weeding when its term is over; an original that turns up after all is decided upon.
Serves RES-MGT-01, RES-MGT-04.
"""
