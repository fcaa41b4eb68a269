"""Connections to where users point: nowhere but the public Internet and what the administrator allows."""
