"""Graduate students: their affairs from arrival to departure."""
