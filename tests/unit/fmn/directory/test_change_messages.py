"""Which messages say that the directory changed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fmn.catalog import Message
from fmn.directory import changes_directory


def message(topic: str) -> Message:
    return Message(msg_id="2026-1", topic=topic, sent_at=datetime(2026, 3, 14, tzinfo=UTC), body={})


@pytest.mark.parametrize("title", [
    "pagure.project.user.added",
    "pagure.project.user.removed",
    "pagure.project.user.access.updated",
    "pagure.project.group.added",
    "pagure.project.group.removed",
    "pagure.project.new",
    "pagure.project.deleted",
    "pkgdb.acl.update",
    "fas.group.member.sponsor",
    "fas.group.member.remove",
])
def test_messages_about_ownership_and_groups_do(title: str) -> None:
    assert changes_directory(message(f"org.fedoraproject.prod.{title}"))


@pytest.mark.parametrize("topic", [
    "io.pagure.prod.pagure.project.user.added",
    "org.centos.stg.fas.group.member.sponsor",
])
def test_it_does_not_matter_whose_bus_it_is(topic: str) -> None:
    assert changes_directory(message(topic))


@pytest.mark.parametrize("title", [
    "pagure.issue.new",
    "pagure.project.tag.edited",
    "pagure.project.user.added.not",
    "pkgdb.acl.request.toggle",
    "fas.group.member.apply",
    "fas.user.update",
    "git.receive",
    "",
])
def test_other_messages_do_not(title: str) -> None:
    assert not changes_directory(message(f"org.fedoraproject.prod.{title}"))


def test_a_title_in_the_body_does_not_count() -> None:
    assert not changes_directory(message("pagure.project.user.added"))
