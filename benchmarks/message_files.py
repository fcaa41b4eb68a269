"""Messages to match: read from a file, or the catalogue's examples with other names in them."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fmn.catalog import Catalog, Message


def read_messages(path: Path) -> Mapping[str, Message]:
    """The messages of a file by name: one JSON object a line, a message or an object with ``message``."""
    with path.open(encoding="utf-8") as lines:
        return dict(_read(number, json.loads(line)) for number, line in enumerate(lines, 1) if line.strip())


def _read(number: int, entry: Mapping[str, Any]) -> tuple[str, Message]:
    name = str(entry.get("name", f"line {number}"))
    # Recorded messages may have no id, or share one.
    return name, Message.from_wire({**entry.get("message", entry), "msg_id": f"{number}-{name}"})


def make_messages(
    catalog: Catalog, nicks: Sequence[str], packages: Sequence[str], count: int,
) -> Mapping[str, Message]:
    """As many messages: the catalogue's examples in turn, about other people and packages each time."""
    chance = random.Random(count)
    examples = [event.example_message() for event in catalog.event_types()]
    messages = (
        _variation(catalog, examples[number % len(examples)], number, nicks, packages, chance)
        for number in range(count))
    return {message.msg_id: message for message in messages}


def _variation(
    catalog: Catalog, example: Message, number: int,
    nicks: Sequence[str], packages: Sequence[str], chance: random.Random,
) -> Message:
    facts = catalog.facts(example)
    others = {name: chance.choice(nicks) for name in sorted(facts.usernames)}
    others |= {name: chance.choice(packages) for name in sorted(facts.package_names)}
    # Some services act under an account that is called like their category, which stays.
    parts = [others[part] if part in facts.package_names else part for part in example.topic.split(".")]
    return replace(
        example, msg_id=f"{example.msg_id}-{number}", topic=".".join(parts),
        body=json.loads(_renamed(json.dumps(dict(example.body)), others)))


def _renamed(text: str, others: Mapping[str, str]) -> str:
    """The text with other names wherever one stands by itself."""
    if not others:
        return text
    # Longer names first, for one may begin with another.
    names = "|".join(map(re.escape, sorted(others, key=len, reverse=True)))
    return re.sub(rf"(?<!\w)(?:{names})(?!\w)", lambda found: others[found[0]], text)
