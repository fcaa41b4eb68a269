"""The directory that is a JSON file."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fmn.catalog import Package
from fmn.directory import Directory, DirectoryPart, DirectoryUnavailableError, Relation
from fmn.directory.file import FileSource
from fmn.directory.merging import merge
from tests.unit.fmn.directory.strategies import parts


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "people.json"


def read(path: Path, value: object) -> Directory:
    path.write_text(json.dumps(value))
    return merge([FileSource(path).fetch()])


def refusal(path: Path, text: str) -> list[str]:
    path.write_text(text)
    with pytest.raises(DirectoryUnavailableError) as error:
        FileSource(path).fetch()
    return str(error.value).replace(str(path), "FILE").splitlines()


def by_person(ownership: Any) -> Mapping[str, Mapping[str, list[str]]]:
    people: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for namespace, packages in ownership.items():
        for package, names in packages.items():
            for name in names:
                people[name][namespace].append(package)
    return people


def as_file(part: DirectoryPart) -> dict[str, Any]:
    """What somebody writes who wants to say what the part says."""
    value: dict[str, Any] = {
        "owners": by_person(part.committers), "groups": part.groups, "aliases": part.aliases,
        "addresses": part.addresses,
    }
    return value if part.watchers is None else value | {"watchers": by_person(part.watchers)}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(part=parts.map(lambda part: DirectoryPart(
    part.committers, part.watchers, part.groups, part.aliases, part.addresses)), order=st.booleans())
def test_what_is_written_is_what_is_known(path: Path, part: DirectoryPart, order: bool) -> None:
    value = as_file(part)

    assert read(path, dict(reversed(value.items())) if order else value) == merge([part])


def test_who_owns_a_package_watches_it_if_nothing_else_is_said(path: Path) -> None:
    directory = read(path, {"owners": {"alice": {"rpms": ["php"]}}})

    assert directory.owners(Package("rpms", "php"), Relation.WATCH) == {"alice"}


def test_watching_is_only_what_the_file_says_if_it_says_something(path: Path) -> None:
    directory = read(path, {"owners": {"alice": {"rpms": ["php"]}}, "watchers": {}})

    assert directory.owners(Package("rpms", "php"), Relation.WATCH) == frozenset()


def test_a_group_may_own_something(path: Path) -> None:
    directory = read(path, {"owners": {"@kde": {"rpms": ["kate"]}}, "groups": {"kde": ["carol"]}})

    assert directory.owners(Package("rpms", "kate"), Relation.COMMIT) == {"carol"}


def test_an_empty_object_is_a_directory(path: Path) -> None:
    assert read(path, {}) == Directory()


def test_a_change_is_seen_by_the_next_fetch(path: Path) -> None:
    source = FileSource(path)
    path.write_text('{"aliases": {"al": "alice"}}')
    source.fetch()

    path.write_text('{"aliases": {"al": "albert"}}')

    assert source.fetch().aliases == {"al": "albert"}


def test_every_mistake_is_told_at_once(path: Path) -> None:
    assert refusal(path, """{
        "owners": {"alice": {"rpms": "php"}, "bob": {"rpms": ["php", null]}},
        "watchers": null,
        "groups": {"kde": ["carol"], "kde": []},
        "aliases": {"al": ["alice"]},
        "adresses": {},
        "pets": {}
    }""") == [
        "FILE: /adresses isn't known here; did you mean addresses?",
        "FILE: /pets isn't known here: owners, watchers, groups, aliases, addresses",
        "FILE: /watchers is null, but should be an object",
        'FILE: /owners/alice/rpms is "php", but should be a list of names',
        "FILE: /owners/bob/rpms/1 is null, but should be a name",
        "FILE: /groups/kde is there more than once, and only the last would count",
        'FILE: /aliases/al is ["alice"], but should be a name',
    ]


def test_a_broken_file_is_told_with_line_and_column(path: Path) -> None:
    assert refusal(path, '{\n "owners": {,}\n}') == [
        "FILE: isn't JSON: line 2, column 13: Expecting property name enclosed in double quotes"]


def test_a_missing_file_is_told_by_name(path: Path) -> None:
    with pytest.raises(DirectoryUnavailableError, match=r"people\.json: can't be read: No such file"):
        FileSource(path).fetch()
