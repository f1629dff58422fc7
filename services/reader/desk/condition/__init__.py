"""Damage slips, mending at the desk, and re-inspection (回验) of what comes back mended.

A slip tells one damage from finding to end and bears one correlation through all departments.
Light damage is mended here, medium goes to the workshop of resources, heavy to weeding. Serves
RDR-DSK-BAS-05, RDR-LED-FRD-05, RDR-CIR-OTH-05.
"""
