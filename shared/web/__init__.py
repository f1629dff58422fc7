"""Screens: rendering, the Register kit, and the look all departments share."""
