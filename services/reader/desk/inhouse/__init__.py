"""In-house use (馆内阅览): who reads what in the rooms, so that reading without lending is counted too.

Items for reading on the spot need nobody's name; closed stock is handed out against a card only. The
database ends a use when the item leaves that state, by whatever door. Serves RDR-DSK-BAS-02, RDR-CIR-OTH-05.
"""
