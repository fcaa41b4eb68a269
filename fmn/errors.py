"""Mistakes of users and administrators, who mend them themselves."""

from __future__ import annotations


class MistakeError(Exception):
    """Something that whoever reads the text can mend: it says what's wrong, where, and what to do."""
