"""Readers who break the rules: what was found, its evidence, the decision, the appeal, the end.

Tearing, theft, defacing, lending a card, disturbing others. Who found it does not decide; who decided
does not judge the appeal, which is open for five working days. Serves RDR-CIR-OTH-05, RDR-DSK-BAS-04.
"""
