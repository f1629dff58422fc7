"""Self-check machines 自助终端 lend and take back over SIP2, by the same commands as the desk.

A terminal is an account with a password, rights and a charset. Its process stands beside the web
one (`python -m services.reader.selfcheck`); reading downwards: server (bytes, time limits), talk
(one connection), lending, asking and settling (what each message does), codec (frames).
Serves RDR-DSK-BAS-02, RDR-CIR-OTH-05, RDR-LED-FRD-03.
"""
