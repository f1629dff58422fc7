"""Where the desk last saw each item: lent, on its way, kept for somebody, back in the house.

Resources own the stock, not its circulation; a stock-take must still know that a gap on the shelf is a loan.
So the desk's facts leave one line per item here, and no reader's name. Serves RES-MGT-04.
"""
