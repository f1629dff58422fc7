"""Discovery: what patrons see of the library – the catalogue, and their own account.

Rooms: catalogue (search, detail, holds from the shelf) and account (my loans, holds, charges).
Both read the desk's tables through its queries and change them only by its commands.
"""
