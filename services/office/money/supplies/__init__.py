"""Office supplies: what is kept, asked for, bought, handed out and counted.

Serves OFF-ADM-05. Stock is the sum of append-only moves and can never be negative; whoever asks
does not approve, and above ¥1,000 approver, buyer and keeper are three people. Durable goods from
¥1,000 a piece are told to the house as fixed assets.
"""
