"""What the desk lends, counted: a row for every loan, reading in the house, hold and hold that never came.

Rows say the day, the item or the title, and nothing about who. Each bears the id of the fact it was learnt from, so a
fact counts once however often it is told, and a rebuild from the log makes the same rows. Serves RES-MGT-03.
"""
