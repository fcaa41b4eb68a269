"""Catching up: what FMN missed is asked for elsewhere, and taken in like what comes live."""
