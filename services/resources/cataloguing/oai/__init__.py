"""Harvesting (OAI-PMH 2.0): other systems take our records, and learn of every change and withdrawal.

The database itself keeps which record changed when and which sets it is in (`ddl`), so no writer can
forget it. A harvest reads by key and streams; its token says where it stands. Serves RES-ACQ-05, RES-MGT-01.
"""
