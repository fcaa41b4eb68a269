"""How several processes share the tests."""

from __future__ import annotations

import fcntl
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

from tests.scheduling import (
    FIGURES,
    FIRST,
    LAST,
    TOGETHER,
    WITH_RABBITMQ,
    figures_in,
    first_alone,
    longest_first,
    unit_of,
)

PROJECT = Path(__file__).parents[2]
#: What names a fixture with a RabbitMQ has to be of one of these types.
USES_RABBITMQ = re.compile(r": (RabbitMQ|AmqpSite)\b")


def items(*node_ids: str) -> list[Any]:
    return [SimpleNamespace(nodeid=node_id) for node_id in node_ids]


def test_whoever_comes_first_is_alone(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    done = Event()

    def come_later() -> bool:
        with first_alone(file):
            return done.is_set()

    with ThreadPoolExecutor(2) as pool:
        with first_alone(file):
            others = [pool.submit(come_later) for _ in range(2)]
            done.set()
        assert [other.result() for other in others] == [True, True]


def test_whoever_comes_while_others_go_on_goes_on_with_them(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    with file.open("rb") as another:
        fcntl.flock(another, fcntl.LOCK_SH)
        with first_alone(file):
            fcntl.flock(another, fcntl.LOCK_UN)


def test_a_file_stays_in_one_process_and_so_does_a_folder_whose_tests_share_something() -> None:
    assert unit_of("tests/unit/test_text.py::test_one[a::b]") == "tests/unit/test_text.py"
    assert unit_of("tests/system/test_irc.py::test_two") == "tests/system"


def test_what_uses_rabbitmq_stays_in_one_process() -> None:
    using = {
        str(file.relative_to(PROJECT)) for folder in ("integration", "peers")
        for file in (PROJECT / "tests" / folder).rglob("test_*.py") if USES_RABBITMQ.search(file.read_text())}

    assert using == {*WITH_RABBITMQ}
    assert {unit_of(f"{file}::test") for file in using} == {unit_of(f"{WITH_RABBITMQ[0]}::test")}


def test_what_takes_longest_comes_first_and_files_keep_their_order() -> None:
    given = items("tests/unit/test_a.py::b", "tests/unit/test_a.py::a", "tests/peers/test_p.py::t",
                  "tests/fuzz/test_targets.py::t", "tests/system/test_irc.py::t")

    assert [each.nodeid for each in longest_first(given)] == [
        "tests/system/test_irc.py::t", "tests/fuzz/test_targets.py::t", "tests/peers/test_p.py::t",
        "tests/unit/test_a.py::b", "tests/unit/test_a.py::a"]


def test_what_is_named_is_there() -> None:
    assert [path for path in (*TOGETHER, *FIRST, LAST) if not (PROJECT / path).exists()] == []


def test_figures_are_shown_once_whatever_became_of_their_test() -> None:
    reports = [SimpleNamespace(when=when, user_properties=[(FIGURES, "3 s"), ("other", 1)])
               for when in ("setup", "call", "teardown")]

    assert figures_in({"passed": reports, "warnings": [SimpleNamespace()]}) == ["3 s"]
