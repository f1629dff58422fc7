"""Ad-hoc tasks (临时任务): given by a leader to anybody of any department, reported on, confirmed.

Serves OFF-ADM-08 and its twin in every other post. A task for several people is one case each,
under one number with suffixes, so that each answers for their own part.
"""
