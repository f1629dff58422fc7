"""Closed days: due dates never fall on them and no fine runs while the doors are shut."""
