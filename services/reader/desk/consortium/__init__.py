"""联合共享体: the document-sharing union of Zhenjiang (RDR-LED-FRD-04).

Member libraries, union cards with a deposit held for the reader, items of other members returned
here and the transit boxes that bring them home, our items returned there, and the monthly
settlement by member. No member has an interface of its own: everything is scanned or written here.
"""
