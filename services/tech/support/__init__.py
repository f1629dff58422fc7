"""What keeps the house running: faults and their work orders, patrols."""
