"""What comes in: counted against its order, entered among the possessions, handed to cataloguing."""
