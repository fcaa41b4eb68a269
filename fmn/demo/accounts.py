"""Demo accounts: the people in the catalogue's examples, and their packages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import cycle
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from fmn.catalog import Catalog
from fmn.filters.account_creation import create_user
from fmn.filters.default_filters import default_filters
from fmn.filters.rule_types import RuleTypes
from fmn.infra.db import Database
from fmn.people.accounts import EMAIL_CONTEXT
from fmn.people.models import Preference, User

#: Accounts in the examples. They own the examples' packages between them, and get mail immediately.
IMMEDIATE_USERS: Final = ("mary", "sam", "ann")
#: Account that owns all those packages, too, and gets digests.
DIGEST_USER: Final = "tom"
#: Account that no example names: it hears of the demo's webhook alone, and of that immediately.
WEBHOOK_USER: Final = "lea"
PEOPLE: Final = (*IMMEDIATE_USERS, DIGEST_USER, WEBHOOK_USER)
#: The digest's size in messages, and its delay in seconds after the first one.
DIGEST_COUNT: Final = 5
DIGEST_SECONDS: Final = 60


def write_directory(catalog: Catalog, path: Path) -> None:
    """Write a directory file in which the accounts own the packages of the catalogue's examples."""
    packages = sorted({
        package.name for event in catalog.event_types()
        for package in catalog.facts(event.example_message()).packages})
    owners: dict[str, list[str]] = {nick: [] for nick in IMMEDIATE_USERS}
    for owner, package in zip(cycle(IMMEDIATE_USERS), packages, strict=False):
        owners[owner].append(package)
    owners[DIGEST_USER] = packages
    content: Mapping[str, Any] = {
        "owners": {nick: {"rpms": mine} for nick, mine in owners.items()},
        "groups": {"packager": PEOPLE},
        "addresses": {nick: address_of(nick) for nick in PEOPLE},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")


def address_of(nick: str) -> str:
    """The demo address of an account."""
    return f"{nick}@demo.example"


def create_demo_accounts(database: Database, rule_types: RuleTypes) -> None:
    """Create the accounts with the default filters, unless they exist."""
    with database.transaction() as session:
        for nick in PEOPLE:
            create_user(session, nick, {EMAIL_CONTEXT: [address_of(nick)]}, default_filters(rule_types))
        patient = session.scalars(
            select(Preference).join(User, User.id == Preference.user_id)
            .where(User.nick == DIGEST_USER, Preference.context == EMAIL_CONTEXT)).one()
        patient.digest_count, patient.digest_seconds = DIGEST_COUNT, DIGEST_SECONDS
