from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog import JsonNode, Message, MessageReader, Package
from fmn.catalog.forges import (
    Repository,
    commit_list,
    commit_title,
    committers,
    has_our_accounts,
    host_of,
    named_commit,
    numbered,
    participants_of,
    payload,
    repository_in,
)
from tests.messages import NOON, reading


@pytest.mark.parametrize(("name", "is_fork", "packages"), [
    ("rpms/moss", False, (Package("rpms", "moss"),)),
    ("fedora/rpms/moss", False, (Package("rpms", "moss"),)),
    ("modules/moss", False, (Package("modules", "moss"),)),
    ("rpms/moss", True, ()),
    ("mary/moss", False, ()),
    ("moss", False, ()),
    ("rpms/", False, ()),
    ("", False, ()),
])
def test_a_repository_of_a_package_is_named_like_it(
    name: str, is_fork: bool, packages: tuple[Package, ...],
) -> None:
    assert Repository(name, "", is_fork).packages == packages


@pytest.mark.parametrize(("raw", "expected"), [
    ({"full_name": "mossers/moss", "html_url": "https://x.org/m", "fork": True},
     Repository("mossers/moss", "https://x.org/m", is_fork=True)),
    ({"name": "moss", "owner": {"login": "mossers"}}, Repository("mossers/moss", "")),
    ({"full_name": None, "name": "moss", "owner": {"name": "mossers"}}, Repository("mossers/moss", "")),
    ({"name": "moss"}, Repository("moss", "")),
    (None, Repository("", "")),
    ({"full_name": ["moss"], "fork": "yes"}, Repository("", "")),
])
def test_a_repository_is_read_however_it_is_written(raw: Any, expected: Repository) -> None:
    assert repository_in(JsonNode(raw)) == expected


@pytest.mark.parametrize(("source", "agent", "url", "ours"), [
    ("fedora-messaging", None, "https://forge.fedoraproject.org/infra/ansible", True),
    ("fedora-messaging", "mary", "https://codeberg.org/infra/ansible", False),
    ("fedora-messaging", None, "https://fedoraproject.org.example.net/moss", False),
    ("fedora-messaging", None, "http://[", False),
    ("fedora-messaging", None, "", False),
    ("hook:moss", "mary", "https://git.example.org/moss", True),
    ("hook:moss", None, "https://git.example.org/moss", False),
    ("hook:moss", None, "https://forge.fedoraproject.org/infra/ansible", False),
])
def test_logins_are_accounts_at_our_forges_and_in_webhooks_that_declare_them_so(
    source: str, agent: str | None, url: str, ours: bool,
) -> None:
    message = Message("1", "org.example.prod.forgejo.push", NOON, {"agent": agent}, source=source)

    assert has_our_accounts(MessageReader(message), url, "mary") is ours


def test_a_payload_is_read_with_and_without_its_wrapping() -> None:
    assert payload(JsonNode({"body": {"ref": "main"}, "agent": "mary"})).text("ref") == "main"
    assert payload(JsonNode({"ref": "main"})).text("ref") == "main"
    assert payload(JsonNode(None)).raw is None


def test_those_who_take_part_are_author_assignees_and_reviewers() -> None:
    thing = {
        "user": {"login": "mary"}, "assignee": None, "assignees": [{"username": "sam"}, 7],
        "requested_reviewers": [{"login": "ann"}], "merged_by": {"login": "tom"}}

    assert set(participants_of(JsonNode(thing))) == {"mary", "sam", "ann", "tom", ""}


def test_commits_are_told_of_by_title_and_author() -> None:
    commits = [JsonNode({"message": "Grow\n\nFaster.", "author": {"name": "Mary", "email": "m@x.org"}}),
               JsonNode({"message": "Dry"})]

    assert commit_list(commits) == "- Grow (Mary)\n- Dry"
    assert commit_title(commits) == ""
    assert commit_title(commits[:1]) == ': "Grow"'
    assert list(committers(reading(None, {"m@x.org": "mary"}.get), commits)) == ["mary", ""]


def test_parts_of_sentences_have_a_text_without_anything() -> None:
    assert numbered("moss", "4", "Too dry") == 'moss#4 "Too dry"'
    assert numbered("moss", "", "Too dry") == ""
    assert (named_commit("5b1c0f6d2f4a"), named_commit("")) == ("the commit 5b1c0f6d", "a commit")
    assert (host_of("https://X.org:8443/y"), host_of("nonsense")) == ("x.org", "")
