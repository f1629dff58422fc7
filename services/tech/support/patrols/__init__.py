"""Patrols that prove themselves: rounds of points, at least two hours a day, anomalies as work orders.

Serves TEC-LOG-03 and TEC-EQP-04. A phone in the stairwell has no network: points are stamped with
the time they were walked and may arrive later.
"""
