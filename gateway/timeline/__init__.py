"""What happened to an item, a case or by a person, across all departments, in one line of time."""
