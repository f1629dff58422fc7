"""Where on the shelves a call number stands: a table kept by those who keep the stacks, and its drawn plan.

A record's page says 二层 文学库 3 排 A 面 from it. Serves RDR-CIR-OTH-04, RDR-CIR-BAS-03.
"""
