"""Binding: sets of issues taken over from the reading rooms, bound here or outside, checked, and entered as items.

A set (待装本) is one bundle of the reading rooms in one of their batches. A binding order (装订单) is what goes to one
binder together, at one price a volume. Serves RES-DIG-02 with the reading rooms' RDR-STK-BCK-02 and RDR-CIR-ACJ-04.
"""
