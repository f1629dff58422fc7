"""How the suite is run: on one machine by default (`deploy.local`), in containers for production."""
