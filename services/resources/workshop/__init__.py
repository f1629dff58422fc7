"""Mending what can be mended: repair jobs from the damage slip to the finished item."""
