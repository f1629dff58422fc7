"""Contracts resource development wants to sign: purchases, licences, services.

A draft goes to the office as version one; what comes back is mended and goes as the next. Orders and subscriptions name
an approved one; what was ordered, asked and paid under it stands on its page. The office reviews, signs and pays, and is
the master of the contract itself; here is its purpose and what became of it. Serves RES-ACQ-04, OFF-FIN-04.
"""
