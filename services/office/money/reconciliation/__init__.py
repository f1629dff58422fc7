"""The monthly agreement with the university's finance office.

Its totals and ours are set beside one another; what they do not share stands as lines of difference
that explain the whole gap. Agreed vouchers are reconciled, by somebody who executed none of them;
those with a difference follow when it is settled. Serves OFF-FIN-02, OFF-FIN-05.
"""
