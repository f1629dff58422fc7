"""The demonstration library of this department: real records, invented copies. See README.md."""
