"""Contexts as people call them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fmn.catalog.text import capital

_NAMES: Final[Mapping[str, str]] = {"email": "e-mail", "irc": "IRC", "sse": "the live feed"}


def spoken(context: str) -> str:
    """The context's name in a sentence, as in "by e-mail"."""
    return _NAMES.get(context, context)


def titled(context: str) -> str:
    """The context's name where nothing stands before it."""
    return capital(spoken(context))
