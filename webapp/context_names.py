"""Display names of contexts."""

from __future__ import annotations

from fmn.channels import channel_title
from fmn.text import capital


def context_name(context: str) -> str:
    """The context's name within a sentence, as in "by e-mail"."""
    return channel_title(context)


def context_heading(context: str) -> str:
    """The context's name as a heading or at the start of a sentence."""
    return capital(context_name(context))
