"""Suppliers (书商): who we buy from, on what terms. Serves RES-ACQ-01."""
