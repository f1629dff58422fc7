"""The systems the library works with."""
