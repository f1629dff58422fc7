"""The way to the departments: streamed both ways, with a proven identity, limits and a breaker."""
