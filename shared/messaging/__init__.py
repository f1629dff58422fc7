"""How facts leave a department and reach the others: outbox, stream, inbox (docs/events.md)."""
