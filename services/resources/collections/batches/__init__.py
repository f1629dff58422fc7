"""Weeding batches (剔旧批次): a list built by rule, pulled by reader services, decided in turns, disposed of with proof.

A rule names candidates and says why; what may not leave is shown with the reason why not. Sending the list makes
lines of the weeding register (`collections/weeding`), which then move together: pulled, viewed, approved by the
meeting, a second time for last copies, written off, disposed of. Every step belongs to another person than the ones
it checks. Serves RES-MGT-04 and RDR-STK-CST-02.
"""
