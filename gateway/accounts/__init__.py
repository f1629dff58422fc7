"""Who may come in: local accounts, sign-in, sessions, API tokens and the university's own sign-in.

No duty of the catalogue is done here; every duty needs it.
"""
