"""The union catalogue (联合目录): records copied from it are counted, our own original records are offered to it.

A certified cataloguer's released records are proposed, checked, and sent one by one by `runner`; each gets one answer.
What comes back with reasons is a list of things to mend. `client` is the only part that speaks to the outside, with the
protections of copy cataloguing. Agreements on shared services stand beside it. Serves RES-ACQ-05, RES-MGT-01.
"""
