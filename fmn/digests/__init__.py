"""Digests: several notifications in one delivery. Computes when they are due, and closes them."""
