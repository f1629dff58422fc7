"""The keys with which the gateway vouches for a person to one department, and their rotation."""
