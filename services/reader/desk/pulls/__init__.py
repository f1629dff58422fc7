"""Pulling for weeding (剔旧取书): the shelf takes what a batch of resources names, and proposes what should leave.

A book is lendable until it is taken: whoever borrows it meanwhile has it. Scanning takes it off, or holds it back with
the reason; what nobody finds is said so. Serves RDR-STK-CST-02.
"""
