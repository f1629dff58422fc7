"""Resource Development (资源建设部): one service, one database, its own screens; hears of the others by events only."""
