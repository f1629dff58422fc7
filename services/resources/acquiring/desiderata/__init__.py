"""Desiderata (待购书目): titles the house means to get, whoever asked for them, until they stand on the shelf.

Suggestions, selection lists, on-site purchases and lost books put titles in; orders take them out; arrival,
cataloguing and handover move them on. Whoever asked follows `resources.title.progressed`. Serves RES-ACQ-01 and
RES-ACQ-02.
"""
