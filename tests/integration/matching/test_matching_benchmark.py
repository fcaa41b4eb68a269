"""The command ``python benchmarks/matching.py``, on a few people and messages of our own."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks import matching, reporting
from benchmarks.personal_filters import PersonalFilters
from fmn.filters.expressions import rules_in

RULES = [
    {"code_path": "fmn.rules:user_package_filter", "negated": False, "arguments": {"fasnick": "$nick"}},
    {"code_path": "fmn.rules:koji_tag", "negated": True, "arguments": {}},
    {"code_path": "fmn.rules:no_such_rule", "negated": True, "arguments": {}},
]
POPULATION = {
    "contexts": ["email", "sse"],
    "filter_sets": {"default": [{"name": "Mine", "rules": RULES}]},
    "users": [
        {"nick": "alice", "openid": "alice.id", "packages": {"rpms": ["kernel"]}, "groups": ["kernel-sig"],
         "filters": "default"},
        {"nick": "bob", "openid": "bob.id", "packages": {}, "groups": [], "filters": [
            {"name": "Me", "rules": [{**RULES[0], "code_path": "fmn.rules:user_filter"}]}]},
        {"nick": "mallory", "openid": "mallory.id", "packages": {"rpms": ["moss"]}, "filters": "default"},
    ],
}
UPLOAD = {"topic": "org.fedoraproject.prod.git.lookaside.new", "msg": {"agent": "bob", "name": "kernel"}}
MEETING = {"topic": "org.fedoraproject.prod.meetbot.meeting.start", "msg": {"owner": "bobby"}}
UNKNOWN = {"topic": "org.fedoraproject.prod.nobody.knows", "msg": {}}
BOB = [["bob.id", "email", "Me"], ["bob.id", "sse", "Me"]]
EXPECTED = {"upload": [["alice.id", "email", "Mine"], ["alice.id", "sse", "Mine"], *BOB], "meeting": BOB}


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where figures are kept, beside the real ones."""
    monkeypatch.setattr(reporting, "RESULTS", tmp_path / "results")
    return tmp_path / "results" / "matching.json"


def run(monkeypatch: pytest.MonkeyPatch, arguments: Sequence[str | Path]) -> int:
    monkeypatch.setattr(sys, "argv", ["matching.py", *map(str, arguments)])
    return matching.main()


def write_files(folder: Path, expected: Any) -> list[str | Path]:
    """Write population, messages and expectation; returns the command's options."""
    (folder / "population.json").write_text(json.dumps(POPULATION))
    messages = [{"name": "upload", "message": UPLOAD}, {"name": "meeting", "message": MEETING}, UNKNOWN]
    (folder / "messages.jsonl").write_text("".join(f"{json.dumps(message)}\n" for message in messages))
    (folder / "expected.json").write_text(json.dumps(expected))
    (folder / "aliases.json").write_text(json.dumps({"bobby": "bob"}))
    return [
        "--population", folder / "population.json", "--messages", folder / "messages.jsonl",
        "--aliases", folder / "aliases.json", "--expect", folder / "expected.json"]


def test_succeeds_where_recipients_are_those_expected(
    tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:
    options = write_files(tmp_path, {"3": EXPECTED})

    assert run(monkeypatch, [*options, "--known-only"]) == 0

    printed = capsys.readouterr().out
    assert "aren't in the catalogue, and never true here: no_such_rule." in printed
    assert "2 of 3 messages are from applications in the catalogue." in printed
    assert "3 users: recipients of 2 of 2 messages are as expected (6 notifications)" in printed
    rates = {entry["name"]: entry for entry in json.loads(kept.read_text())}
    assert rates["messages matched, 3 users"]["unit"] == "messages/s"
    assert rates["messages matched, 3 users"]["against"] == "messages matched naively, 3 users"


def test_fails_and_says_where_they_are_not(
    tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:
    options = write_files(tmp_path, {
        **EXPECTED, "upload": [*EXPECTED["upload"][1:], ["mallory.id", "email", "Mine"]]})

    assert run(monkeypatch, options) == 1

    printed = capsys.readouterr().out
    assert "upload: 1 missing, 1 unexpected" in printed
    assert "  missing: mallory, email, 'Mine'" in printed
    assert "  unexpected: alice, email, 'Mine'" in printed
    assert "recipients of 1 of 2 messages are as expected" in printed


def test_makes_people_and_messages_of_its_own(
    kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(matching, "MESSAGES", 40)

    assert run(monkeypatch, ["--size", "30"]) == 0

    printed = capsys.readouterr().out
    rows = [line.split()[:2] for line in printed.splitlines() if line[:2] == "30"]
    assert rows[:2] == [["30", "default"], ["30", "personal"]]
    names = ["30 users", "30 users, personal filters"]
    assert all(f"{name}: recipients of 40 of 40 messages are as found naively (" in printed for name in names)
    measured = {measurement.name: measurement.value for measurement in reporting.read(kept)}
    assert all(measured[f"people concerned by a message, {name}"] > 1 for name in names)


def test_personal_filters_are_of_the_mix_that_is_stated() -> None:
    mine = [each.expression for number in range(500) for each in PersonalFilters(number, 500)]

    shares = Counter(next(rules_in(expression)).name for expression in mine)
    assert {name: pytest.approx(count / len(mine), abs=0.02) for name, count in shares.items()} == {
        "package_filter": 0.7, "user_filter": 0.15, "package_regex_filter": 0.1, "regex_filter": 0.05}
    assert mine == [each.expression for number in range(500) for each in PersonalFilters(number, 500)]
