"""The weeding register: what leaves the stock, why, and who agreed.

Proposal, expert view, library meeting and asset write-off are steps of different people; the last
copy of a title needs the director's second word; special collections never leave. Serves RES-MGT-04.
"""
