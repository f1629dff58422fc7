"""The till: whose money it is, who counted it, when it went to the bank.

A shift opens with the first money a cashier takes. Somebody else counts it; a difference needs a
reason. Counted shifts are banked on a slip, which the office turns into a voucher. Nothing is ever
paid out of the till: refunds go through the office.

Serves RDR-DSK-BAS-04, RDR-DSK-BAS-06, RDR-LED-FRD-03.
"""
