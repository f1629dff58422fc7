"""Notices to patrons: what is told, in which words, by which way, and the proof that it was told.

Like a library's action triggers: a *hook* (something happened) makes a notice, notices of one
patron and one hook are *collected* into one letter, each is *validated* again when the letter is
about to leave, and the *sender* mails it or leaves it in the patron's account.

How a notice comes about is settled in one place, the database: a trigger on the outbox
(services/reader/database.py) queues it in the transaction of its cause, so that nobody can forget
it and no scan pays a round trip for it. What has no fact of its own uses `commands.queue`.
Serves RDR-LED-FRD-01 (overdue notices with proof of sending), RDR-DSK-BAS-02.
"""
