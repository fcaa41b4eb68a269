"""The command line asked about recorded messages: what FMN 2's rules and libraries said of them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.corpus import ACCOUNTS, CORPUS, differing, needs_corpus, recorded, rules

pytestmark = needs_corpus

MESSAGES = CORPUS / "fedmsg-events.jsonl"
FMN = Path(sys.executable).with_name("fmn")

#: Its topic was recorded without the three parts in front, so it has no category.
UNKNOWN = {"fedoracollege.TestContentAdded": ""}


class Case(NamedTuple):
    """A rule as it was asked, and the names of the messages that it held for."""

    rule: str
    arguments: Mapping[str, str]
    held_for: Sequence[str]


def cases() -> list[Case]:
    return [
        Case(name, case["with"], case["true"]) for name, rule in rules().items() for case in rule["cases"]
    ]


def fmn(*arguments: str | Path) -> str:
    """What ``fmn`` with these arguments writes."""
    return subprocess.run([FMN, *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout


def written(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Sequence[str]]:
    """For each case the names of the messages that our rule lets through."""
    folder = tmp_path_factory.mktemp("truth")
    known = json.loads((CORPUS / "rules" / "truth.json").read_text(encoding="utf-8"))["asked_with_directory"]
    directory = written(folder / "directory.json", {
        "owners": known["owners"], "groups": known["groups"], "aliases": known["nicks_and_emails"]})
    questions = written(
        folder / "questions.json", [{"rule": case.rule, "with": case.arguments} for case in cases()])
    answered = fmn("rules", "ask", questions, MESSAGES, "--json", "--directory", directory)
    names = [entry.name for entry in recorded()]
    return [[names[position] for position in positions] for positions in json.loads(answered)]


def test_every_rule_lets_through_what_fmn_2_s_rule_let_through(answers: Sequence[Sequence[str]]) -> None:
    asked = cases()
    different = {
        case.rule: wrong for case, answer in zip(asked, answers, strict=True)
        if (wrong := differing(case.rule, answer, case.held_for))
    }

    print(f"{len(asked) - len(different)} of {len(asked)} cases agree, {sum(map(len, answers))} "  # noqa: T201
          f"yes among {len(asked) * len(recorded())} answers")
    assert different == {}


def test_rules_about_ones_own_environment_hold_for_its_messages(tmp_path: Path) -> None:
    # FMN 2 was asked as an installation called ``dev``, which sent none of the recorded messages.
    names = ("git_branch", "git_receive", "mdapi_repo_update")
    questions = written(tmp_path / "questions.json", [{"rule": name} for name in names])
    held = {
        environment: json.loads(
            fmn("rules", "ask", questions, MESSAGES, "--json", "--environment", environment))
        for environment in ("dev", "stg", "prod")
    }

    assert held["dev"] == [[], [], []]
    assert [len(positions) for positions in held["prod"]] == [1, 1, 0]
    assert [len(positions) for positions in held["stg"]] == [0, 0, 1]


def test_every_recorded_message_is_known_and_reads_the_same(tmp_path: Path) -> None:
    aliases = written(tmp_path / "aliases.json", ACCOUNTS)
    lines = fmn("catalog", "check", MESSAGES, "--json", "--aliases", aliases).splitlines()
    read = {entry.name: json.loads(line) for entry, line in zip(recorded(), lines, strict=True)}

    assert {name: found["title"] for name, found in read.items() if not found["known"]} == UNKNOWN
    for field in ("title", "link", "icon", "secondary_icon", "agent", "usernames", "packages"):
        stated = [entry for entry in recorded() if field in entry.facts]
        wrong = [entry.name for entry in stated if not entry.agrees(field, read[entry.name][field])]
        print(f"{field}: {len(stated) - len(wrong)} of {len(stated)}")  # noqa: T201 - worth seeing
        assert wrong == []
