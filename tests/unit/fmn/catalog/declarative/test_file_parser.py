"""Files of event types: what they give, and what's said of those that can't be used."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
import rtoml
from hypothesis import given
from hypothesis import strategies as st

from fmn.catalog import Catalog, Outcome, Severity
from fmn.catalog.declarative.file_parser import MAX_FILE_BYTES, EventTypesFileError, parse_file
from fmn.catalog.declarative.toml_lines import TomlLines
from fmn.catalog.outcomes import subject_outcome

GARDEN = (Path(__file__).parents[5] / "docs" / "sources" / "event-types" / "garden.toml").read_bytes()
SMALL = """
[application]
category = "garden"
title = "Garden"
help = "Plants."

[[events]]
topics = "garden.plant"
title = "Plant"
help = "A plant."
summary = "A plant"
"""
ACCOUNTS = {"carol@example.org": "carol"}.get


def problems(text: str | bytes, *reserved: str) -> str:
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(EventTypesFileError) as caught:
        parse_file("garden.toml", data, reserved)
    return str(caught.value)


@pytest.fixture(scope="module")
def garden() -> Catalog:
    return Catalog([parse_file("garden.toml", GARDEN).application])


class TestTheExample:
    def test_texts(self, garden: Catalog) -> None:
        told = garden.describe(garden.events_by_name["garden_plant_sick"].example_message())

        assert told.summary == "mary found the old moss sick"
        assert told.long == "It looked well last week.\n\n- Yellow leaves.\n- Aphids."
        assert told.link == told.thread == "https://garden.example.org/plants/7"
        assert (told.icon, told.severity) == ("https://garden.example.org/icon.png", Severity.ERROR)

    def test_facts(self, garden: Catalog) -> None:
        facts = garden.facts(garden.events_by_name["garden_plant_sick"].example_message(), ACCOUNTS)

        assert facts.agent == "mary"
        assert facts.usernames == {"mary", "alice", "bob", "carol"}
        assert set(map(str, facts.packages)) == {"seeds/moss"}
        assert facts.groups == {"north-bed"}

    def test_the_body_decides_between_event_types_of_one_topic(self, garden: Catalog) -> None:
        sick = garden.events_by_name["garden_plant_sick"].example_message()

        for health, event in (("dying", "garden_plant_sick"), ("fine", "garden_plant_well")):
            found = garden.facts(replace(sick, body={"plant": {"health": health, "id": 1}})).event
            assert found.name == event

    def test_a_recovery_ends_a_failure(self, garden: Catalog) -> None:
        failed, well = (
            subject_outcome(garden.facts(garden.events_by_name[name].example_message()))
            for name in ("garden_plant_sick", "garden_plant_well"))

        assert failed is not None
        assert well is not None
        assert failed.key == well.key
        assert (failed.outcome, well.outcome) == (Outcome.FAILED, Outcome.SUCCEEDED)

    def test_headers_and_counts(self, garden: Catalog) -> None:
        told = garden.describe(garden.events_by_name["garden_beds_watered"].example_message())

        assert told.summary == "carol watered 2 beds: north-bed and pond"
        assert (told.link, told.thread) == ("https://garden.example.org/log/2026-0314", "")

    def test_an_empty_body_breaks_nothing(self, garden: Catalog) -> None:
        for event in garden.event_types():
            message = replace(event.example_message(), body=None)
            assert garden.describe(message).summary
            assert garden.facts(message).usernames == frozenset()


@pytest.mark.parametrize(("wrong", "right", "told"), [
    ('help = "A plant."\n', "", "garden.toml:7: help is missing"),
    ('title = "Plant"\n', 'titel = "Plant"\n', ("garden.toml:7: title is missing\n"
     "garden.toml:9: there is no key titel; did you mean title?")),
    ('summary = "A plant"', "summary = 3", "garden.toml:11: summary must be a text in quotes"),
    ('summary = "A plant"', 'summary = "{"', ("garden.toml:11: summary: a { has no counterpart; a brace "
     "itself is written {{")),
    ("summary", 'severity = "bad"\nsummary',
     "garden.toml:11: severity: it must be 'debug', 'info', 'warning' or 'error'"),
    ("summary", 'usernames = ["a",\n"b c"]\nsummary',
     "garden.toml:11: usernames[2]: the path 'b c' can't be read from ' c' on"),
    ("summary", "when = { a = [] }\nsummary", ("garden.toml:11: when: 'a' must be a text, a number, true or "
     "false, or a list of up to 100 of these")),
    ("summary", 'packages = [{ namespce = "rpms", name = "a" }]\nsummary',
     "garden.toml:11: there is no key packages[1].namespce; did you mean namespace?"),
    ('garden.plant"', 'forest.plant"', ("garden.toml:8: the topic 'forest.plant' has to begin with the "
     "category: garden.")),
    ('garden.plant"', 'garden plant"', ("garden.toml:8: topics[1]: 'garden plant' isn't a topic such as "
     "garden.plant.watered, in which * stands for a part and a final ** for the rest")),
    ('category = "garden"', 'category = "Garden"', ("garden.toml:3: application.category: 'Garden' isn't a "
     "category: small letters, digits, - and _, 50 at most")),
    ("summary", 'rule = "user_filter"\nsummary',
     "garden.toml:11: the rule name 'user_filter' belongs to FMN itself; choose another rule"),
    ("summary", 'outcome = "failed"\nsummary',
     "garden.toml:11: add subject, which names what failed or recovered, such as plant {plant.id}"),
    ("summary", "example = { on = 2026-03-14 }\nsummary",
     "garden.toml:11: dates and times in an example are texts: put them in quotes"),
    ("summary", "x = = 1\nsummary", "garden.toml:11: this isn't TOML: extra `=`, expected nothing"),
    ("[[events]]", "[events]", ("garden.toml:7: each event is a table of its own: write [[events]] with two "
     "brackets")),
])
def test_every_problem_has_its_line_and_what_to_do(wrong: str, right: str, told: str) -> None:
    assert wrong in SMALL
    assert problems(SMALL.replace(wrong, right, 1), "user_filter") == told


def test_an_event_that_gets_no_message_is_a_problem() -> None:
    again = SMALL + SMALL.partition("\n\n")[2].replace('"garden.plant"', '"garden.plant"\nrule = "again"')
    assert problems(again) == (
        "garden.toml:13: event 1 takes every message with the topic 'garden.plant', so none is left for this "
        "one; put this one before it, or give that one a when")


def test_an_event_for_all_topics_needs_a_name_of_its_own() -> None:
    assert problems(SMALL.replace('"garden.plant"', '"garden.**"')) == (
        "garden.toml:7: the rule name 'garden_any' belongs to messages that no event here fits; choose "
        "another rule")


def test_two_rules_of_a_name_are_a_problem() -> None:
    again = SMALL + SMALL.partition("\n\n")[2].replace("title", "when = { a = 1 }\ntitle")
    first, second = again.rsplit("[[events]]", 1)
    swapped = first.replace('title = "Plant"', 'when = { a = 2 }\ntitle = "Plant"') + "[[events]]" + second
    assert problems(swapped) == (
        "garden.toml:13: the rule name 'garden_plant' belongs to event 1; choose another rule")


@pytest.mark.parametrize(("data", "told"), [
    (b"x" * (MAX_FILE_BYTES + 1), "garden.toml:1: the file has more than 200,000 bytes"),
    (b"a = 1\nb = '\xff'", "garden.toml:2: the file isn't text in UTF-8 here"),
    (b"", "garden.toml:1: application is missing\ngarden.toml:1: events is missing"),
    (b"a = " + b"[" * 5_000, "garden.toml:"),
    (b"a." * 50_000 + b"a = 1", "garden.toml:"),
    (b"a = " + b"9" * 10_000, "garden.toml:"),
])
def test_hostile_files_end_in_a_sentence(data: bytes, told: str) -> None:
    assert problems(data).startswith(told)


def test_more_events_than_a_file_may_have_are_refused() -> None:
    many = SMALL + SMALL.partition("\n\n")[2] * 200
    assert problems(many) == "garden.toml:7: events has more than 200 elements"


@given(st.data())
def test_damaged_files_are_read_or_told_of(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(GARDEN)))
    length = data.draw(st.integers(0, 60))
    put = data.draw(st.binary(max_size=10) | st.sampled_from([b"[", b"]", b"{", b"}", b'"', b"\n", b'"""']))
    damaged = GARDEN[:start] + put + GARDEN[start + length:]
    try:
        parse_file("garden.toml", damaged)
    except EventTypesFileError as error:
        found = error.problems
    else:
        return
    assert found
    assert all(1 <= each.line <= damaged.count(b"\n") + 1 and each.reason for each in found)


keys = st.from_regex(re.compile(r"[a-z]{1,3}", re.ASCII), fullmatch=True)
leaves = st.integers(0, 9) | st.sampled_from(["x", "[y]", "a = 1", "#", "line\nline", '"""'])
elements = st.lists(st.dictionaries(keys, leaves, min_size=1), min_size=1)
tables = st.dictionaries(keys, leaves | elements, max_size=4)


@given(tables)
def test_lines_are_those_of_the_keys(table: dict[str, object]) -> None:
    text = rtoml.dumps(table)
    lines = TomlLines(text)
    for key, value in table.items():
        line = text.split("\n")[lines.of((key,)) - 1]
        if not isinstance(value, list):
            assert line.startswith(f"{key} =")
        for number, element in enumerate(value if isinstance(value, list) else ()):
            for inner in element:
                assert inner in text.split("\n")[lines.of((key, number, inner)) - 1]
