"""Digests: when a batch of notifications is due, and closing it."""
