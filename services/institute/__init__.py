"""Research Institute (研究所): one service, one database, its own screens; hears of the others by events only."""
