"""Students who leave: registered here, cleared by the library's desk, finished here.

Serves INS-TCH-MID-04.
"""
