"""One address, one sign-in and one home page in front of the five departments."""
