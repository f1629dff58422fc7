"""The rooms and points of the house where patrons are served."""
