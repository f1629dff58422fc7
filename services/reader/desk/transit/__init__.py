"""Transits: items on their way between service points, to whoever waits or home. Serves RDR-LED-FRD-01."""
