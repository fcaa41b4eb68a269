"""Parsing of commits from git servers' hooks: author, branch, message, changed files."""

from __future__ import annotations

from typing import Any

from fmn.catalog.message_reader import JsonNode
from fmn.text import bullets, first_line, paragraphs, quoted


def short_ref(name: str) -> str:
    """A branch or tag without ``refs/heads/`` and the like."""
    return name.removeprefix("refs/heads/").removeprefix("refs/tags/")


def author_of(commit: JsonNode) -> str:
    """A commit's author, for a sentence, where the account isn't known; ``""`` without one."""
    return commit.text("name") or commit.text("email")


def title_of(commit: JsonNode) -> str:
    """A commit's first line as the end of a sentence: ``: "Grow faster"``; ``""`` without one."""
    title = quoted(commit.text("summary") or first_line(commit.text("message")))
    return f": {title}" if title else ""


def about(commit: JsonNode) -> str:
    """A commit's message and changed files."""
    files = (_changes(file, commit.at("stats", "files", file)) for file in commit.keys("stats", "files"))
    return paragraphs(commit.text("message") or commit.text("summary"), bullets(files))


def _changes(file: str, stats: JsonNode) -> str:
    added, removed = stats.text("additions") or stats.text("insertions"), stats.text("deletions")
    return f"{file} (+{added}, -{removed})" if added and removed else file


#: A commit for examples.
REVISION = "5b1c0f6d2f4ab9c1e7a1d22a43f0aa10c2b7d911"
COMMIT: dict[str, Any] = {
    "rev": REVISION,
    "branch": "main",
    "name": "Mary Made-up",
    "email": "mary@example.org",
    "summary": "Grow on the north side",
    "message": "Grow on the north side\n\nThe south side is too dry.",
    "stats": {
        "files": {"moss.spec": {"additions": 3, "deletions": 1, "lines": 4}},
        "total": {"additions": 3, "deletions": 1, "files": 1, "lines": 4},
    },
}
