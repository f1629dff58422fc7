"""What stock-takes tell the desk: books nobody found are hidden and looked for, found ones can be had again.

The search list is the resources department's (清点未见); the desk finds a book by scanning it. Serves RDR-STK-CST-01.
"""
