"""Database, cache, broker, clock, logs and metrics that everything stands on."""
