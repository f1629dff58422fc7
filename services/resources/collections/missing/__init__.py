"""Items that stock-takes did not find (清点未见): looked for, found again, or listed for weeding.

The desk hides them from readers and searches; whatever it scans again is found. What two stock-takes in a row or
a whole year did not bring back may be listed for weeding, where others decide. Serves RES-MGT-04.
"""
