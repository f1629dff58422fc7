"""Routing of serials (报刊传阅): an issue goes from station to station before it stands on its rack.

A list belongs to one copy of a title and names its stations in order; each change is a version. Checking an issue in makes a
slip for each list in force, with the stations as they are that day, so a slip under way is not changed by a later version.
Serves RDR-CIR-NWS-02 and RDR-CIR-ACJ-02 (what does not stand on the rack must be known to be somewhere).
"""
