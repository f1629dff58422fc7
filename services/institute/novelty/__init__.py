"""Novelty search (查新): commissions in, reports out, never searched and reviewed by the same person."""
