"""Shaping the stock: what leaves it, by whose decision, with which proof."""
