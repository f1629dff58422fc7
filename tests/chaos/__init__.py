"""Storms: the whole suite under seeded work and seeded faults, judged afterwards by a model of the library."""
