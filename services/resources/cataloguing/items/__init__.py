"""Items: one barcode, one place, one life; reader services lend them, resources own what they are.

Serves RES-MGT-01 and RES-MGT-04.
"""
