"""The year's acquisition plan (采购计划): how much of which subject and carrier from which money, and how far it is. Serves RES-ACQ-01."""
