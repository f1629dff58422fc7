"""Looking titles up before they are bought (查重): what is held, on its way, or asked for by readers.

One question for a whole list: suggestions, selection lists and on-site purchase all ask here, so that they
mean the same by "we have it". Serves RES-ACQ-01 and RES-ACQ-02.
"""
