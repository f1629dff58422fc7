"""Contracts (合同): reviewed before they are signed, registered, watched until they end, and paid only as they say.

A draft passes its department, finance, from ¥50,000 on a legal review, and a leader: different people, each with an opinion that
stays. What was sent back comes again as a new version. Vouchers name the contract they pay; prepayment only as far as it allows.
Serves OFF-FIN-04.
"""
