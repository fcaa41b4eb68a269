"""Backfill: fetches missed messages from archives and ingests them like live ones."""
