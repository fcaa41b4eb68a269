"""Whom messages concern according to the index, and how that compares with what is expected."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select

from benchmarks.naive_matcher import Concerned
from benchmarks.populations import Population, read_json
from fmn.catalog import Catalog, Message
from fmn.directory.snapshot import Directory
from fmn.filters.models import Filter
from fmn.infra.db import Database
from fmn.matching.index.matching_index import Index, Match
from fmn.people.models import Preference, User

#: For each message, by name: who is concerned, where, and by which filter.
Recipients = Mapping[str, frozenset[Concerned]]


def find_recipients(
    index: Index, catalog: Catalog, directory: Directory, messages: Mapping[str, Message], database: Database,
) -> Recipients:
    """Whom the messages concern."""
    with database.transaction() as session:
        rows = session.execute(
            select(User.id, User.nick, Preference.context, Filter.expression_id, Filter.name)
            .join(Preference, Preference.user_id == User.id)
            .join(Filter, Filter.preference_id == Preference.id)
            .order_by(Filter.position.desc()))
        # Of somebody's filters that ask the same, the last one seen here is the first in their order.
        named = {
            Match(user_id, context, expression_id): Concerned(nick, context, name)
            for user_id, nick, context, expression_id, name in rows
        }
    return {
        name: frozenset(map(
            named.__getitem__, index.match(catalog.facts(message, directory.account), directory)))
        for name, message in messages.items()
    }


def expected_recipients(path: Path, population: Population) -> Recipients:
    """What a file says: recipients by message, maybe for several populations by their size."""
    document: Mapping[str, Any] = read_json(path)
    nicks = {person.openid: person.nick for person in population.people}
    by_name = document.get(str(len(population.people)), document)
    return {
        name: frozenset(Concerned(nicks.get(openid, openid), context, filter_name)
                        for openid, context, filter_name in found)
        for name, found in by_name.items()
    }


def known_only(messages: Mapping[str, Message], catalog: Catalog) -> Mapping[str, Message]:
    """The messages from applications that the catalogue has."""
    return {name: message for name, message in messages.items() if message.category in catalog.applications}


def differences(
    found: Recipients, expected: Recipients,
) -> Mapping[str, tuple[frozenset[Concerned], frozenset[Concerned]]]:
    """For each message of both that differs: who is missing, and who is too many."""
    return {
        name: (expected[name] - found[name], found[name] - expected[name])
        for name in found.keys() & expected.keys() if found[name] != expected[name]
    }
