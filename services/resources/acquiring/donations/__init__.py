"""Gifts (捐赠): from the offer to the receipt, the certificate, the shelf and the thanks.

Each title is kept, passed on or refused by rule. What is kept becomes records and items on the usual road, source
"donated", with the donor's conditions on the item. Donors' names and addresses stay in this room: masked in lists and
sheets, every look at a case is noted, and no event names a donor who did not ask to be named. Serves RES-ACQ-04.
"""
