"""Subscriptions (报刊订购): which newspapers and journals come, from whom, how many, from when to when.

A subscription is approved by another person, bought by an order for periodicals like everything else, and begins when that
order was sent; gifts and exchanges need no order. The reading rooms hear of it and await the issues. Serves RES-ACQ-01.
"""
