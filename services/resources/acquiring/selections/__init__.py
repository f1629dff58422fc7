"""Selection lists (选书单): what suppliers offer, looked up row by row, chosen, and confirmed by somebody else.

A file of any kind becomes rows at once; the columns it was guessed to have can be put right before choosing
begins. Confirmed rows become wanted titles in one transaction, and readers who had asked for one of them are
told. Serves RES-ACQ-01 and RES-ACQ-02.
"""
