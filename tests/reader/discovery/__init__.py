"""What patrons see of the library."""
