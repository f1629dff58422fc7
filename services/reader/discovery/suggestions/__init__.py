"""Suggestions (荐购) as readers see them: a title proposed, looked up at once, and followed to the shelf.

The reader hears each stage from resource development; when the title is catalogued the first hold is theirs,
in the order in which they asked. What too many wait for is told every night. Serves RES-ACQ-02.
"""
