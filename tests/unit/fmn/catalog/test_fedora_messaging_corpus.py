"""The catalogue against messages of fedora-messaging, and what the schema packages say of them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest
from click.testing import CliRunner

from fmn.catalog import catalog
from fmn.cli.catalog import catalog as cli
from tests.corpus.fedora_messaging import (
    FIELDS,
    RECORDS,
    Sample,
    answers,
    mismatches,
    reasons,
    samples,
    sensible,
)

SAMPLES = samples()
CATEGORIES = sorted({sample.message.category for sample in SAMPLES})

#: How much of what is compared has to be equal, once what has a reason to differ is left out.
EQUAL = 0.98

pytestmark = pytest.mark.skipif(
    not SAMPLES, reason="the recorded messages aren't beside the project (../shared/corpus)")

every_category = pytest.mark.parametrize("category", CATEGORIES)


def of(category: str) -> list[Sample]:
    """The recorded messages of an application."""
    return [sample for sample in SAMPLES if sample.message.category == category]


@every_category
def test_it_knows_all_messages_and_differs_only_for_a_reason(category: str) -> None:
    unlisted = [str(found) for found in mismatches(of(category)) if not found.reason]
    unknown = [sample.message.title for sample in of(category) if not catalog().knows(sample.message)]

    assert unknown == []
    assert unlisted == []


def test_the_command_line_reads_the_recorded_messages_too() -> None:
    checked = CliRunner().invoke(cli, ["check", str(RECORDS), "--json"])
    read = [json.loads(line) for line in checked.stdout.splitlines()]

    assert [(each["title"], each["known"]) for each in read] == [
        (sample.message.title, True) for sample in SAMPLES]


@pytest.mark.parametrize("field", ["usernames", "groups", "packages"])
def test_nobody_and_nothing_that_a_class_names_is_missed_by_the_body_alone(field: str) -> None:
    missed = {
        f"{sample.message.title}: {missing}" for sample in SAMPLES
        for missing in [set(sensible(sample.truth)[field]) - set(
            answers(replace(sample.message, headers={}))[field])] if missing}

    assert missed == set()


def test_no_reason_is_left_for_a_difference_that_is_gone() -> None:
    differing = {key for found in mismatches(SAMPLES) for key in found.keys}

    assert set(reasons()) - differing == set()


@pytest.mark.parametrize("field", FIELDS)
def test_nearly_everything_is_equal(field: str) -> None:
    differing = Counter(
        bool(found.reason) for found in mismatches(SAMPLES) if found.field == field)
    compared = len(SAMPLES) - differing[True]
    print(f"{field}: {compared - differing[False]} of {compared}")  # noqa: T201 - the count is worth seeing

    assert compared - differing[False] >= EQUAL * compared
