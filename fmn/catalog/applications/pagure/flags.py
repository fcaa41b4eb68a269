"""Flags: what services say of a pull request or a commit, such as a test's result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fmn.catalog.commits import REVISION
from fmn.catalog.message_reader import MessageReader
from fmn.text import labelled, paragraphs, quoted

#: Made up for examples.
FLAG: dict[str, Any] = {
    "username": "Greenhouse CI", "status": "success", "percent": "100", "comment": "Tests passed",
    "url": "https://ci.example.org/moss/12", "commit_hash": REVISION,
    "user": {"name": "mary", "fullname": "Mary Made-up"},
}


def flag_words(m: MessageReader) -> Mapping[str, str]:
    """A flag as parts of a sentence: who set it, and what it says."""
    said = quoted(m.text("flag", "comment")) or m.text("flag", "status")
    return {
        "service": m.text("flag", "username") or "A service",
        "result": f": {said}" if said else "",
    }


def about_flag(m: MessageReader) -> str:
    """A flag in full."""
    return paragraphs(
        labelled(Status=m.text("flag", "status"), Details=m.text("flag", "url")),
        m.text("flag", "comment"),
    )
