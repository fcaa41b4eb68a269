"""Recipients against those that FMN 2 found, for every message of an application in the catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.bulk_load import store
from benchmarks.matching import CORPUS_ALIASES
from benchmarks.message_files import read_messages
from benchmarks.populations import directory_of, read_population
from benchmarks.recipients import differences, expected_recipients, find_recipients, known_only
from fmn.catalog import catalog
from fmn.filters.rule_types import rule_types
from fmn.infra.db import Database
from fmn.matching.index.loading import CurrentIndex
from tests.corpus import MORE_PEOPLE

#: FMN 2 was asked as an installation called ``dev``; ``mdapi_repo_update`` knows only messages of its own.
RULE_TYPES = rule_types("dev")


@pytest.mark.parametrize("users", [1_000, 5_000])
def test_recipients_are_those_that_fmn_2_found(users: int, shared: Path, tmp_path: Path) -> None:
    # Given that many people with FMN 2's default filters, and the recorded messages that we know
    population = read_population(shared / "bench" / f"population_{users}.json.gz", RULE_TYPES)
    recorded = read_messages(shared / "corpus" / "fedmsg-events.jsonl")
    messages = known_only(recorded, catalog())
    expected = expected_recipients(shared / "bench" / "expected-recipients.json.gz", population)
    # When their index is loaded and finds whom the messages concern
    store(population, tmp_path / "fmn.sqlite")
    database = Database(f"sqlite:///{tmp_path}/fmn.sqlite")
    index = CurrentIndex(database, RULE_TYPES).current()
    found = find_recipients(index, catalog(), directory_of(population, CORPUS_ALIASES), messages, database)
    database.close()
    # Then it's exactly those, and more where more people are named
    compared = found.keys() & expected.keys()
    entries = sum(len(expected[name]) for name in compared)
    print(  # noqa: T201 - the count is worth seeing
        f"\n{users} users: {len(compared)} of {len(recorded)} messages compared, {entries} recipients")
    assert len(index) == users
    different = differences(found, expected)
    assert {name for name in different if not name.startswith(MORE_PEOPLE)} == set()
    assert [missing for missing, _ in different.values() if missing] == []
    assert entries > users // 4
