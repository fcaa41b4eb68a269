"""Contexts as people call them."""

from __future__ import annotations

from fmn.channels import title_of
from fmn.text import capital


def spoken(context: str) -> str:
    """The context's name in a sentence, as in "by e-mail"."""
    return title_of(context)


def titled(context: str) -> str:
    """The context's name where nothing stands before it."""
    return capital(spoken(context))
