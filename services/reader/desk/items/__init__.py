"""Items as the desk sees them: a read copy of the catalogue plus the axes that reader services own.

The catalogue's facts come by events of resources; circulation and condition are ours. Whether an
item can be lent is derived from the axes and never stored. Serves RDR-DSK-BAS-02, RDR-LED-FRD-01.
"""
