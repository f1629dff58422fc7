"""The suite in containers: `make up`, `down`, `up-status`, `upgrade`, `scale`, `ship-backup`, `ship-restore`, `bundle`.

Compose does what compose can; what it cannot (secrets, checks, replacing replicas one by one) is done here.
"""
