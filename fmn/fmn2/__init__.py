"""Bringing people over from FMN 2: reading its database, and giving them here what they had there."""
