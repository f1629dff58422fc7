"""Four tiers: pure rules, one service with real servers, flows across the suite, and a real browser."""
