"""Reader Services (读者服务部): one service, one database, its own screens; hears of the others by events only."""
