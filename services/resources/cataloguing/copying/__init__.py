"""Copy cataloguing (套录): look in other libraries' catalogues over SRU or Z39.50 and take a record over as a draft.

`client` speaks to the outside and is the only part that does; it goes nowhere but to the addresses of
the targets. A draft is read by a second person before patrons see it. Serves RES-MGT-01, RES-ACQ-05.
"""
