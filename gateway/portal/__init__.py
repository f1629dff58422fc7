"""The home page of each person: their duties, their work, what happened, one click to every screen.

Duties themselves are done in the departments; here each one is shown with the evidence it has.
"""
