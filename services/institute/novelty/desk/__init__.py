"""The novelty-search desk: commission form, registration, fee, assignment, every state to delivery.

Serves INS-NOM-01/02/03 (reception, files, fees) and INS-NOV-01 (the search itself).
"""
