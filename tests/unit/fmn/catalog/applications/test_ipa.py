from __future__ import annotations

import json
from typing import Any

import pytest

from fmn.catalog import Severity
from fmn.catalog.applications.ipa import MAX_ARGUMENTS, MAX_NAMES
from tests.messages import described, facts


def said(command: str, result: str = "SUCCESS", **given: Any) -> dict[str, Any]:
    return {"IPA_API_ACTOR": "mary@EXAMPLE.ORG", "IPA_API_COMMAND": command, "IPA_API_RESULT": result,
            "IPA_API_PARAMS": json.dumps(given)}


@pytest.mark.parametrize(("command", "given", "usernames", "groups", "summary"), [
    ("group_add_member", {"cn": "mossers", "user": ["sam"]}, {"mary", "sam"}, {"mossers"},
     "mary added sam to the group mossers"),
    ("group_add_member", {"cn": "mossers", "group": ["ferns"]}, {"mary"}, {"mossers", "ferns"},
     "mary added the group ferns to the group mossers"),
    ("group_remove_member", {"cn": "mossers", "user": ["sam", "tom"]}, {"mary", "sam", "tom"}, {"mossers"},
     "mary removed sam and tom from the group mossers"),
    ("group_remove_member", {"cn": "mossers", "group": ["ferns", "algae"]}, {"mary"},
     {"mossers", "ferns", "algae"}, "mary removed groups ferns and algae from the group mossers"),
    ("user_add", {"uid": "sam", "cn": "Sam Sample"}, {"mary", "sam"}, set(), "mary made the account sam"),
    ("group_mod", {"cn": "mossers"}, {"mary"}, {"mossers"}, "mary gave the command group mod"),
    ("user_disable", {"uid": "sam", "cn": "Sam Sample"}, {"mary", "sam"}, set(),
     "mary gave the command user disable"),
])
def test_commands_name_people_and_groups(
    command: str, given: dict[str, Any], usernames: set[str], groups: set[str], summary: str,
) -> None:
    body = said(command, **given)
    known = facts(f"ipa.{command}.v1", body)

    assert known.agent == "mary"
    assert known.usernames == usernames
    assert known.groups == groups
    assert described(f"ipa.{command}.v1", body).summary == summary
    assert described(f"ipa.{command}.v1", body).severity is Severity.DEBUG


def test_a_failed_command_is_told_as_one() -> None:
    assert described("ipa.user_add.v1", said("user_add", "DuplicateEntry", uid="sam")).summary == (
        "mary made the account sam, which failed")


@pytest.mark.parametrize("text", [
    "", "{", "[" * 50_000, "nonsense", " " * MAX_ARGUMENTS + '{"cn": "mossers"}',
])
def test_arguments_that_cannot_be_read_are_none(text: str) -> None:
    body = {**said("group_add_member"), "IPA_API_PARAMS": text}

    assert facts("ipa.group_add_member.v1", body).groups == frozenset()
    assert described("ipa.group_add_member.v1", body).summary == "mary added somebody to a group"


def test_only_so_many_names_are_read() -> None:
    body = said("group_add_member", cn="mossers", user=[f"u{n}" for n in range(1000)])

    assert len(facts("ipa.group_add_member.v1", body).usernames) == MAX_NAMES + 1
