"""Searching from outside (SRU 1.1, 1.2 and 2.0, CQL): other systems look into our catalogue and copy records.

Reading goes `cql` (the language, complete) → `mapping` (what our one search index can answer) → `queries`
(bounded work) → `answers` (the versions' XML). What we do not do is said by diagnostic, never guessed.
Serves RES-ACQ-05, RES-MGT-01.
"""
