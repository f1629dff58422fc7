"""My library: what a patron has, waits for and owes, with the reasons, and what can be done about it.

A patron sees nobody else's account: the card comes from the token and never from the address.
Serves RDR-DSK-BAS-02, RDR-LED-FRD-01.
"""
