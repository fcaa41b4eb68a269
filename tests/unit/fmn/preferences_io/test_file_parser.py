"""Files of preferences, read."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.preferences_io.export import render_file
from fmn.preferences_io.file_parser import MAX_FILE_BYTES, PreferencesFileError, parse_file
from fmn.preferences_io.schema import VERSION, Format, Preferences
from tests.factories.preferences import PREFERENCES


def problems(text: str | bytes) -> list[str]:
    with pytest.raises(PreferencesFileError) as caught:
        parse_file(text if isinstance(text, bytes) else text.encode())
    return [str(problem) for problem in caught.value.problems]


@given(PREFERENCES, st.sampled_from(Format))
def test_what_is_written_reads_back_the_same(preferences: Preferences, written: Format) -> None:
    assert parse_file(render_file(preferences, written, "alice").encode()) == preferences


@given(st.binary() | st.one_of(st.text(), st.text().map('{{"version": 1, {}'.format)).map(str.encode))
def test_whatever_comes_is_read_or_refused_in_words(data: bytes) -> None:
    with suppress(PreferencesFileError):
        assert parse_file(data).version == VERSION


def test_a_file_says_as_much_as_somebody_wants_to_change() -> None:
    assert parse_file(b"version = 1") == Preferences(version=1)
    assert parse_file(b'\xef\xbb\xbf{"version": 1, "time_zone": "UTC"}').time_zone == "UTC"


@pytest.mark.parametrize(("text", "sentence"), [
    ("version = 1\nversion", "The file isn’t TOML: key with no value, expected `=` at line 2"),
    ("{", "The file isn’t JSON: expecting property name enclosed in double quotes in line 1, column 2."),
    ('{"a":' * 90_000, "The file has groups within groups within groups …"),
    ("version = 1\nn = 1" + "0" * 5_000, "The file isn’t TOML: integer number overflowed at line 2"),
    ('{"n": 1' + "0" * 5_000 + "}", "The file can’t be read: "),
    (".".join("a" * 14_000) + " = 1", "The file has groups within groups within groups …"),
    ("a = " + "[" * 14_000, "The file has groups within groups within groups …"),
    (b"\xff", "The file isn’t text in UTF-8 from byte 0 on."),
    (b"#" * (MAX_FILE_BYTES + 1), "The file is larger than 500,000 bytes."),
    ("", "version: It says which kind of file this is: write version = 1 on top."),
    ("version = 2", "version: It says which kind of file this is: write version = 1 on top."),
    ("version = 1\ntime_zne = 'UTC'", "time_zne: There’s no such word here; did you mean time_zone?"),
    ("version = 1\n[contexts.email]\nenabled = 'yes'",
     "contexts.email, enabled: It should be true or false."),
    ("version = 1\n[contexts.email.frequency]\nclock_times = ['8']",
     "contexts.email, frequency, clock_time 1: It should be a time of day such as 08:00."),
    ("version = 1\n[contexts.email.quiet_hours]\nquiet_from = 08:00:30",
     "contexts.email, quiet_hours, quiet_from: It should be a time of day such as 08:00."),
    ("version = 1\n[[contexts.email.filters]]\nname = 'a'\nexpresion = 'koji_tag'",
     "contexts.email, filter 1 “a”, expresion: There’s no such word here; did you mean expression?"),
    ("version = 1\n[[mutes]]\nkind = 'package'\nvalue = 'moss'\nuntil = 2026-05-04T08:00:00",
     "mute 1, until: It needs a time zone, as in 2026-03-14T08:00:00Z."),
    ("version = 1\n[[mutes]]\nkind = 'packages'\nvalue = 'moss'",
     "mute 1, kind: It should be 'event', 'package' or 'thread'."),
    ('{"version": 1, "contexts": []}', "contexts: It should be a group."),
])
def test_a_mistake_is_told_with_its_place(text: str | bytes, sentence: str) -> None:
    (problem,) = problems(text)
    assert problem.startswith(sentence)


def test_of_thousands_of_mistakes_a_hundred_are_told() -> None:
    told = problems(json.dumps({"version": 1} | {f"word{number}": 0 for number in range(5_000)}))

    assert len(told) == 101
    assert told[-1] == "And 4,900 more are like these."


def test_every_mistake_is_told() -> None:
    assert problems("version = 1\nx = 1\n[contexts.email]\nfilters = [{nme = 'a'}, 3]") == [
        "contexts.email, filter 1, name: It is missing.",
        "contexts.email, filter 1, nme: There’s no such word here; did you mean name?",
        "contexts.email, filter 2: It should be a group.",
        "x: There’s no such word here.",
    ]
