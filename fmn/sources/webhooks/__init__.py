"""Webhooks from forges: verified, bounded requests that become messages without a bus."""
