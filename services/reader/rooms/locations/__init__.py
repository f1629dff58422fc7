"""The places of the house as resources keep them (馆藏地): what their codes are called on our screens. Serves RDR-STK-CST-01."""
