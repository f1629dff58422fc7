"""The places of the house as resources keep them (馆藏地): what their codes are called, and what stands there by the last report.

Serves RDR-STK-CST-01 and RDR-STK-BCK-03 (know the holdings of the area, propose how they should stand).
"""
