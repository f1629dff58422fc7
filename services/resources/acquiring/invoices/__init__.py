"""Invoices (发票): what a supplier asks for, compared with what was ordered and what was accepted.

An invoice goes to the office when the three agree, or when somebody says why not. Who accepted the books does not ask for
their payment. Paid invoices close their order, returned ones are open again with the reason. Serves RES-ACQ-04.
"""
