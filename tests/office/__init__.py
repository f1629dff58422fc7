"""General Office: people, duties, tasks and supplies."""
