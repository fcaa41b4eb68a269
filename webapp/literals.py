"""Commands and settings in sentences of the terminal, set as code on pages."""

from __future__ import annotations

import re
from typing import Final

from markupsafe import Markup

from webapp.languages import literal

#: Commands as sentences name them, and settings of the ini file.
_LITERAL: Final = re.compile(
    r"(\bfmn (?:up|consumer|worker|scheduler|backend [\w.-]+|messages (?:list|requeue)"
    r"|deliveries (?:requeue|discard --waiting --channel [\w-]+))(?![\w-])"
    r"|\bfmn(?:\.\w+)+(?:\.\*)?)")


def with_literals(sentence: str) -> Markup:
    """A sentence with its commands and settings as code."""
    parts = _LITERAL.split(sentence)
    return Markup("").join(literal(part) if place % 2 else part for place, part in enumerate(parts))
