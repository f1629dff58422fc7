"""Obligations: a duty with a cadence is due, per holder and period; silence turns amber, then red.

Serves OFF-ADM-01 (assessment) and every duty with a cadence. Evidence from the ledger meets an
obligation by itself; a stand-in takes it over with the shift; the head explains what was missed.
"""
