"""Consents (委托借书): a patron lets another one fetch books in their name until a day.

Given from the patron's own account or on a paper form the desk notes by its number. The loan is the
principal's; the delegate's card stands on it. Serves RDR-DSK-BAS-02, RDR-CIR-OTH-05.
"""
