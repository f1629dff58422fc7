"""What the office told us of budgets: which lines run, how much they have, whether one must be careful. Serves RES-ACQ-01."""
