"""Delivery of notifications: the channels' contract, claims, retries, and a folder per channel."""
