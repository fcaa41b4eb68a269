"""Catching up: what FMN missed while it was away is asked for elsewhere, and taken in like what comes live."""
