"""Technology and Logistics (技术与后勤保障部): one service, one database, its own screens; hears of the others by events only."""
