"""Recorded messages with what's known of them, from the reference material beside the project.

It isn't part of the project: where it's missing, tests that need it are skipped (:data:`needs_corpus`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fmn.catalog import Message

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus"

needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the recorded messages aren't beside the project (../shared/corpus)")

#: The nicks and addresses that the recorded facts were made with.
ACCOUNTS = {
    "threebean": "ralph",
    "rbean@redhat.com": "ralph",
    "puiterwijk@gmail.com": "puiterwijk",
    "nicolas.mailhot@laposte.net": "nim",
}


@dataclass(frozen=True)
class Recorded:
    """A recorded message and the facts of it that can be depended on, by field; lists are sorted."""

    name: str
    message: Message
    facts: Mapping[str, Any]


def recorded() -> list[Recorded]:
    """All recorded messages; none where the corpus is missing."""
    return list(_read()) if CORPUS.is_dir() else []


def _read() -> Iterator[Recorded]:
    with (CORPUS / "fedmsg-events.jsonl").open(encoding="utf-8") as file:
        for line in file:
            entry = json.loads(line)
            undependable = {*entry.get("unknown", ()), *entry.get("unverified", ())}
            stated = {field: value for field, value in entry["expected"].items() if field not in undependable}
            yield Recorded(
                entry["name"], Message.from_wire(entry["message"]), {**stated, **entry.get("computed", {})})


def rules() -> Mapping[str, Any]:
    """What FMN 2's rules said of the recorded messages, by rule; empty where the corpus is missing."""
    path = CORPUS / "rules" / "truth.json"
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))["rules"] if path.exists() else {}
    return found
