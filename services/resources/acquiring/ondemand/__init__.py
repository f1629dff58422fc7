"""Foreign titles on demand (外文按需采购): a supplier's list is shown to readers and bought title by title as it is used.

A pool is made of a selection list and has a rule in versions: how many different readers, or one teacher; a price cap, a fund, a
month's cap. Readers' department counts, we hear numbers only. What meets the rule is looked up once more and wanted; what is too dear,
or beyond the month or the fund, goes to a person. Whoever asked is answered like a suggestion. Serves RES-ACQ-02.
"""
