"""General Office (办公室): one service, one database, its own screens; hears of the others by events only."""
