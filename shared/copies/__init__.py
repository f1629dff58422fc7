"""Whether what a department copied from another is still what that other says.

Events keep copies right as long as every one of them was understood. This piece is for the day one was not:
an owner declares a `Ledger` (what it can answer for, and to whom), a holder declares a `Copy` (which fields of it
it keeps); by night or when asked the holder compares with the owner over the bus, range by range, shows what
differs, and mends it from the owner's own words. It knows no trade: rooms declare, this compares
(docs/decisions/0011-copies-are-compared-with-their-owner.md).
"""
