"""Every case that waits for somebody, from all departments, in one place."""
