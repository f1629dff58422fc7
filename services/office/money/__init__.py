"""Money and goods: what the library buys, keeps and hands out."""
