"""Infrastructure: database, cache, broker, clock, HTTP, leadership, logs and metrics."""
