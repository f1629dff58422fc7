"""The books of money: receipts one by one without a gap, waivers by month, and the proof that all agree.

Nothing here posts money; everything is read from the ledger, the shifts and what the office said of its
vouchers. Heads, the office and auditors read them. Serves RDR-DSK-BAS-04, RDR-LED-FRD-03.
"""
