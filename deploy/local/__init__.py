"""The whole suite on one bare machine: real PostgreSQL and NATS from their wheels, five services and the gateway."""
