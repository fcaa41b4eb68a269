"""Filters: what people ask of messages, and the rules they ask with."""
