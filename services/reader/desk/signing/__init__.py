"""签批: what a clerk may not decide, a head decides beside them or from elsewhere, without taking the desk over.

A signature is for one act of one clerk about one card and one item (or charge), for the reasons the head has
seen, and good once. Beside the desk it comes as the gateway's approval; from elsewhere as the answer to a
request. Either way the override is the head's and the audit names both. Serves RDR-LED-FRD-03.
"""
