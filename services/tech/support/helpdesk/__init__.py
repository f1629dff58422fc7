"""Faults from anywhere in the house become work orders with a clock, and come back to whoever reported.

Serves TEC-SYS-01/05, TEC-LOG-01/02, TEC-EQP-01/03, and the reporting duties of every other post.
"""
