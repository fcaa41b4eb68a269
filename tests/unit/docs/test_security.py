"""The pages of threats and of promises name what there is: files, and tests that try each of them."""

from __future__ import annotations

import re
from operator import itemgetter
from pathlib import Path
from typing import Final

import pytest

from tests.cases import every

PROJECT: Final = Path(__file__).parents[3]
PAGE: Final = (PROJECT / "docs" / "explanation" / "security.rst").read_text(encoding="utf-8")
#: A threat: a line on its own, and below it what is said of it.
THREATS: Final = re.findall(r"^(\S[^\n]*)\n((?:    [^\n]*\n|\n(?=    ))+)", PAGE, re.MULTILINE)
MET: Final = [(title, text) for title, text in THREATS if ":In:" in text]

PROMISES: Final = (PROJECT / "docs" / "explanation" / "promises.rst").read_text(encoding="utf-8")
#: What is promised to happen within a bounded time, each with its tests.
LIVENESS: Final = re.findall(
    r"^\S[^\n]+\n    .*?(?=^\S|\Z)", PROMISES.partition("It happens, and soon\n")[2],
    re.MULTILINE | re.DOTALL)

TESTS: Final = re.findall(r"``(tests/[\w/]+\.py)::(\w+)``", PAGE + PROMISES)
FILES: Final = re.findall(r"``((?:fmn|webapp|tests)/[\w/]+\.py)\b", PAGE + PROMISES)


def test_every_test_that_is_named_is_there() -> None:
    assert [(file, test) for file, test in TESTS
            if f"def {test}(" not in (PROJECT / file).read_text(encoding="utf-8")] == []


def test_every_file_that_is_named_is_there() -> None:
    assert [file for file in FILES if not (PROJECT / file).is_file()] == []


@every("met", MET, itemgetter(0))
def test_every_threat_has_a_test(met: tuple[str, str]) -> None:
    _, text = met
    assert re.search(r":Tests: ``tests/[\w/]+\.py::\w+``", text)


@pytest.mark.parametrize("promise", LIVENESS)
def test_everything_that_is_to_happen_soon_has_a_test(promise: str) -> None:
    assert re.search(r":Tests: ``tests/[\w/]+\.py::\w+``", promise)


def test_the_page_is_read_as_it_was_meant() -> None:
    assert len(MET) == PAGE.count(":In:") == PAGE.count(":Tests:") >= 25
