"""Suggestions (荐购): one case per title, however many readers ask for it, from their wish to a decision.

Wishes come as facts from reader services, are looked up at once and joined; what the readers wait for in vain
comes the same way. Accepted, the title is wanted; whoever asked hears the decision, and later how far the
title is. The case knows a reader's card only until it is decided. Serves RES-ACQ-02.
"""
