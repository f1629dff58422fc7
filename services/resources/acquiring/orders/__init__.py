"""Orders (订单): what is bought from whom, from which money, and how far it is.

Drafted from the list of wanted titles or typed, checked for duplicates, approved by another person, sent when the office
holds the money, received and accepted by somebody who did not order, invoiced and paid. Every change states the whole need
of the order, so that late and double news does no harm. Serves RES-ACQ-01 and RES-ACQ-04.
"""
