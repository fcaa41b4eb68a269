"""How it is: what Prometheus reads of a process, what supervisors ask it, and how all of it stands."""
