"""Digitisation and light printing: paper made digital, digital made paper, personal booklets.

A ticket goes from the question of rights over the price to the finished pages, which another person looks at before they are
handed over. Serves RES-DIG-02.
"""
