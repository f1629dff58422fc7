"""Repair jobs: from the damage slip of the desk to the mended item that waits for re-inspection.

One job a slip, in the chain of the slip's correlation. Custody passes to us when the job is begun
and back to reader services when it is finished. Serves RES-DIG-02.
"""
