"""Receiving new books (新书接收): a batch of the workroom is counted against its list at the point it was sent to.

The list comes as an event. Every book is scanned: as listed, label wrong, damaged; what is not on the list is
named; what was not scanned is missing. The batch is confirmed or disputed as a whole, by somebody who did not
send it. What was right is ours from then on and goes to whoever waits, or to the shelf. Serves RDR-LED-FRD-02.
"""
