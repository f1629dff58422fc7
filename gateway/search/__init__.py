"""One box for everything: functions of all rooms, and what each department finds in its own records."""
