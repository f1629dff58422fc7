"""The work ledger: who did what for which duty, when, with a link to the record.

It fills itself from the facts every department states; nobody types evidence the system can see.
Rows are append-only and chained by hash. It is what assessment (OFF-ADM-01) reads.

A fact is credited to its actor for each duty it is evidence of, when the actor holds the duty's
post and, for a rank duty, that rank. A duty of a place inside a post is credited when the actor's
places in that post include it, and also when none is recorded for the post.
"""
