"""Monitoring: Prometheus metrics, liveness and readiness probes, and the installation's status."""
