"""Bibliographic records: the original kept loss-less, a typed projection beside it, one search index.

Serves RES-MGT-01 (cataloguing, proofreading, allocation).
"""
