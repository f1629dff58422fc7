"""Backups (备份): a plan for each system, every run of it, restore tests with the time they took. Serves TEC-SYS-03."""
