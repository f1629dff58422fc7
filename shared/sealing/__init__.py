"""The audit trail cannot be rewritten unseen.

A service's role may add audit rows and read them, nothing else; a trigger binds the tables' owner too. What is left
is whoever may drop the trigger. Against them every hour's rows are sealed: each row by its digest, each seal chained to
the one before, each seal told to another department, which writes it down and compares. A changed, a removed and a
slipped-in row are then found and named, and a chain made anew from end to end disagrees with what was told.

The rows of a seal are those of transactions that have ended, so writers never wait for sealing. Forgetting a person
(docs/privacy.md) is the one change the trail allows: what is taken away leaves its salted digest, and the salt goes
with it, so that nobody can try cards until one fits. See docs/threats.md.
"""
