"""Personnel: the people of the house, how they join and how they leave.

Serves OFF-ADM-01 and, for the notice that a file must follow, OFF-ADM-04. Leaving ends every right
on the same day. The personal file itself is another room; here is only what colleagues may know.
"""
