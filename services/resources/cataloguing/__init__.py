"""Describing what the library has: records, items, imports, and the record formats themselves."""
