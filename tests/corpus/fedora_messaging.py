"""Compares the catalogue with the schema packages of fedora-messaging: differences by message and field.

The recorded messages come with the answers of the packages' own classes. ``python -m
tests.corpus.fedora_messaging`` prints what differs, also of one application (``… pagure``).

Sense wins over agreement, as decision 0057 says: :func:`sensible` turns a class's answers into what we would
have it say. What still differs has a reason in :mod:`tests.corpus.fedora_messaging_differences`.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from fmn.catalog import Message, catalog
from tests.corpus import CORPUS
from tests.corpus.fedora_messaging_differences import DIFFERENCES, HOSTS, NOBODY

FIELDS: Final = ("usernames", "agent", "packages", "groups", "link", "severity")

#: The recorded messages, a JSON object a line.
RECORDS: Final = CORPUS / "fedora-messaging.jsonl"

#: The library's numbers of severities.
SEVERITIES: Final = {10: "debug", 20: "info", 30: "warning", 40: "error"}

#: Fedora's OpenIDs are ``http://mary.id.fedoraproject.org/``, its addresses ``mary@fedoraproject.org``.
OPENID_HOST: Final = ".id.fedoraproject.org"
ADDRESS_HOST: Final = "@fedoraproject.org"


@dataclass(frozen=True)
class Sample:
    """A recorded message with its class's answers."""

    message: Message
    schema: str
    truth: Mapping[str, Any]


@dataclass(frozen=True)
class Mismatch:
    """A field in which the catalogue and the class differ."""

    sample: Sample
    field: str
    ours: Any
    theirs: Any

    @property
    def keys(self) -> set[tuple[str, str]]:
        """What a reason may be given for: schema or title, and field."""
        return {(self.sample.schema, self.field), (self.sample.message.title, self.field)}

    @property
    def reason(self) -> str:
        """Why the two differ; ``""`` without a reason."""
        known = reasons()
        return next((known[key] for key in sorted(self.keys) if key in known), "")

    def __str__(self) -> str:
        where = f"{self.sample.message.title} ({self.sample.schema})"
        return f"{where} {self.field}: {self.ours}, not {self.theirs}"


def samples() -> list[Sample]:
    """All recorded messages; none where the corpus is missing."""
    return list(_read(RECORDS.read_text(encoding="utf-8").splitlines())) if RECORDS.exists() else []


def _read(lines: Iterable[str]) -> Iterator[Sample]:
    for line in lines:
        entry = json.loads(line)
        yield Sample(Message.from_record(entry), entry["schema"], entry["truth"])


def account(name: object) -> str | None:
    """The account of an OpenID, an address or a name; ``None`` for nobody."""
    if not isinstance(name, str) or name in NOBODY:
        return None
    owner = name.rpartition("//")[2].partition(OPENID_HOST)[0] if OPENID_HOST in name else name
    return owner.removesuffix(ADDRESS_HOST)


def todays(link: str) -> str:
    """The link with ``https``, at the host where the service is today."""
    parts = urlsplit(link)
    host = HOSTS.get(parts.netloc, parts.netloc)
    return urlunsplit(("https", host, *parts[2:]))


def sensible(truth: Mapping[str, Any]) -> Mapping[str, Any]:
    """A class's answers by field as we would have it say them; ``None`` where it doesn't say anything."""
    agent = account(truth["agent_name"])
    usernames = {account(name) for name in truth["usernames"] or ()} | {agent}
    return {
        "usernames": sorted(filter(None, usernames)),
        "agent": agent,
        "packages": sorted(name for name in truth["packages"] or () if name not in NOBODY),
        "groups": sorted(name for name in truth["groups"] or () if name not in NOBODY),
        "link": todays(truth["url"]) if truth["url"] else None,
        "severity": SEVERITIES[truth["severity"]],
    }


def answers(message: Message) -> Mapping[str, Any]:
    """The catalogue's answers by field."""
    facts, described = catalog().facts(message), catalog().describe(message)
    return {
        "usernames": sorted(facts.usernames), "agent": facts.agent, "packages": sorted(facts.package_names),
        "groups": sorted(facts.groups), "link": described.link, "severity": str(described.severity),
    }


def mismatches_of(sample: Sample) -> Iterator[Mismatch]:
    """The fields of a message in which the catalogue and the class differ."""
    ours, theirs = answers(sample.message), sensible(sample.truth)
    for field in FIELDS:
        # A class without a link doesn't say that there is none: nearly no class has got one.
        silent = field == "link" and theirs[field] is None
        if not silent and ours[field] != theirs[field]:
            yield Mismatch(sample, field, ours[field], theirs[field])


def mismatches(compared: Iterable[Sample]) -> list[Mismatch]:
    """What differs in these messages."""
    return [found for sample in compared for found in mismatches_of(sample)]


@cache
def reasons() -> Mapping[tuple[str, str], str]:
    """Why the catalogue and a class differ, by schema or title, and field."""
    return {
        (name, difference.field): difference.reason
        for difference in DIFFERENCES for name in difference.schemas
    }


def main(categories: list[str]) -> None:
    """Print what differs, with its reason if it has one, and how often each field does."""
    counts, unlisted = Counter[str](), Counter[str]()
    for sample in samples():
        if categories and sample.message.category not in categories:
            continue
        if not catalog().knows(sample.message):
            print(f"{sample.message.title} ({sample.schema}): unknown event type")  # noqa: T201
        for found in mismatches_of(sample):
            counts[found.field] += 1
            unlisted[found.field] += not found.reason
            print(found, f"[{found.reason or 'NO REASON'}]")  # noqa: T201
    print(f"differences: {dict(counts)}; without a reason: {dict(unlisted)}")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
