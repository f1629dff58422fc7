"""Titles the house does not own and buys when readers use them (按需采购): shown apart from the holdings, asked for, counted.

What is counted is how many different readers opened a title's page long enough or asked for it. Who they are is kept as a digest
that cannot be undone once the title's secret is gone, and both go as soon as the title is decided or its pool ends. Whoever asks
makes a wish like any other, and follows it like any other. Serves RES-ACQ-02.
"""
