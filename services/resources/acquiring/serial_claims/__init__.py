"""Claims of missing issues (报刊催缺): asked for once, twice, a last time; sent after all, credited, or given up.

A gap that a reading room reports opens a claim by itself. What one supplier owes goes into one letter. Every step is told
to the room, which closes the claim when the issue has come. Serves RES-ACQ-01.
"""
