"""What tests of several tiers share: servers, databases, the running suite, people who sign in."""
