"""The demo's people: those who come up most in the catalogue's examples, and what they own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from fmn.catalog import Catalog
from fmn.db import Database
from fmn.filters.accounts import create_user
from fmn.filters.defaults import default_filters
from fmn.filters.rule_types import RuleTypes
from fmn.people.models import Preference, User

#: How many people the demo has; the last one wants digests.
PEOPLE: Final = 4
#: The last one's digest: after so many messages, or so many seconds after the first.
DIGEST_COUNT: Final = 5
DIGEST_SECONDS: Final = 60


def people_of(catalog: Catalog) -> Sequence[str]:
    """The accounts that come up most in the examples."""
    named = Counter(
        nick for event in catalog.event_types()
        for nick in sorted(catalog.facts(event.example_message()).usernames))
    return [nick for nick, _ in named.most_common(PEOPLE)]


def write_directory(catalog: Catalog, people: Sequence[str], path: Path) -> None:
    """Write a directory file in which the people share the examples' packages among them."""
    packages = sorted({
        package for event in catalog.event_types()
        for package in catalog.facts(event.example_message()).packages})
    owners: dict[str, dict[str, list[str]]] = {nick: {} for nick in people}
    for number, package in enumerate(packages):
        mine = owners[people[number % len(people)]]
        mine.setdefault(package.namespace or "rpms", []).append(package.name)
    content: Mapping[str, Any] = {
        "owners": owners, "groups": {"packager": list(people)},
        "addresses": {nick: address_of(nick) for nick in people},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")


def address_of(nick: str) -> str:
    """The demo address of an account."""
    return f"{nick}@demo.example"


def settle(database: Database, people: Sequence[str], rule_types: RuleTypes) -> None:
    """Make the people's accounts, with the default filters, unless they're there."""
    with database.transaction() as session:
        for nick in people:
            create_user(session, nick, {"email": [address_of(nick)]}, default_filters(rule_types))
        patient = session.scalars(
            select(Preference).join(User, User.id == Preference.user_id).where(User.nick == people[-1])).one()
        patient.digest_count, patient.digest_seconds = DIGEST_COUNT, DIGEST_SECONDS
