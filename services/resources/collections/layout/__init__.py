"""Layout rules (布局规则): which copy goes to which location, by class, material and language, and how copies are split.

The most specific rule that is in force decides; who knows better says why, and what was said stands on a list.
Serves RES-MGT-01 and RES-MGT-04.
"""
