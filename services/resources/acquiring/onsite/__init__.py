"""On-site purchase (现场采购): invited readers and selectors pick books at a fair or in a bookshop.

Every ISBN is answered at once: held, on its way, taken by somebody else, not wanted, over one's budget. Without
a network picks wait on the phone and are sent later, each once. The buyer checks what was picked; then it is
wanted. Who picked what is forgotten when the event is settled. Serves RES-ACQ-02.
"""
