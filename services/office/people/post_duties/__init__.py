"""Post duties: the posts of the house, who holds them, who stands in, and the duties that follow.

Serves OFF-ADM-01 (posts given and ended) and the title duties that add up with a post
(RDR-LED-SNR-05 and its like). A duty sheet is derived from what is held today, never stored.
"""
