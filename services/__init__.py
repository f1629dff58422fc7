"""The five departments; none imports another."""
