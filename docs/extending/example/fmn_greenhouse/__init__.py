"""Greenhouse for FMN."""
