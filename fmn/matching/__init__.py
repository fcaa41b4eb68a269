"""Matching: the compiled index that finds whom a message concerns, and its refresh."""
