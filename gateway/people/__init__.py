"""Who belongs to the house and which posts they hold, as office and reader services told it."""
