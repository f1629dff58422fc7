"""People: who works here, on which posts, for which duties, and what shows that they did them."""
