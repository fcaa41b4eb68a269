"""The scheduler process: periodic tasks of the leader."""
