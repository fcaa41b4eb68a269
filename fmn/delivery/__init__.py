"""Delivery: the contract that channels fulfil, claims and retries, and one folder per channel."""
