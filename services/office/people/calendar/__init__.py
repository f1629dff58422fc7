"""Kinds of day: which dates are worked, rested or celebrated, for everything that counts days.

Serves OFF-ADM-01; obligations and, later, attendance ask it.
"""
