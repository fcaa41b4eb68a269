from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog.accounts_in_messages import avatar_by_email
from fmn.catalog.applications.mailman import picture_by_name
from tests.messages import described, facts

ARCHIVED = "https://lists.fedoraproject.org/archives/list/moss@lists.fedoraproject.org/message/ABC/"


def mail(**headers: str | None) -> dict[str, Any]:
    return {"mlist": {"list_name": "moss"}, "msg": {
        "from": '"Made-up, Mary" <mary@fedoraproject.org>', "subject": "[moss]\n Water",
        "to": "Moss <moss@lists.fedoraproject.org>", "archived-at": f"<{ARCHIVED}>", **headers}}


def test_a_mail_is_its_writer_s() -> None:
    told = described("mailman.receive", mail())

    assert facts("mailman.receive", mail()).agent == "mary"
    assert facts("mailman.receive", mail()).usernames == {"mary"}
    assert told.summary == 'mary wrote "[moss] Water" to the list moss'
    assert told.link == ARCHIVED
    assert told.secondary_icon == picture_by_name("mary")


@pytest.mark.parametrize("header", ["in-reply-to", "references"])
def test_a_reply_is_told_as_one(header: str) -> None:
    told = described("mailman.receive", mail(**{header: "<1@example.org>"}))

    assert told.summary == 'mary replied to "[moss] Water" on the list moss'


def test_others_whom_it_is_sent_to_are_concerned() -> None:
    body = mail(cc="Sam <sam@fedoraproject.org>, tom@fedoraproject.org, li@example.org")

    assert facts("mailman.receive", body).usernames == {"mary", "sam", "tom"}


def test_newer_messages_name_the_people_themselves() -> None:
    body = {**mail(**{"from": "mary@example.org"}), "sender_username": "mary", "usernames": ["mary", "sam"],
            "url": "https://lists.fedoraproject.org/x"}

    assert facts("mailman.receive", body).usernames == {"mary", "sam"}
    assert described("mailman.receive", body).link == "https://lists.fedoraproject.org/x"


def test_a_stranger_has_a_name_and_a_picture_by_address() -> None:
    told = described("mailman.receive", mail(**{"from": "Li Made-up <li@example.org>"}))

    assert told.summary == 'Li Made-up wrote "[moss] Water" to the list moss'
    assert told.secondary_icon == avatar_by_email("li@example.org")


@pytest.mark.parametrize(("subject", "told"), [
    ("=?utf-8?q?Moos_f=C3=BCr_alle?=", "Moos für alle"),
    ("=?no-such-charset?q?Moos?=", "=?no-such-charset?q?Moos?="),
    ("=?utf-8?b?a?=", "=?utf-8?b?a?="),
    ("Water\n for\tall", "Water for all"),
])
def test_a_subject_is_told_as_people_read_it(subject: str, told: str) -> None:
    assert described("mailman.receive", mail(subject=subject)).summary == (
        f'mary wrote "{told}" to the list moss')


@pytest.mark.parametrize("header", ["=?a?q?" * 20_000, "(" * 100_000, "<" * 100_000])
def test_a_hostile_header_takes_no_time(header: str) -> None:
    assert described("mailman.receive", mail(**{"from": header, "to": header, "subject": header})).summary


@pytest.mark.parametrize(("archived", "link"), [
    ("</archives/list/moss/message/ABC/>", "https://lists.fedoraproject.org/archives/list/moss/message/ABC/"),
    (None, ""),
])
def test_a_path_in_the_archives_is_enough_to_find_a_mail(archived: str | None, link: str) -> None:
    assert described("mailman.receive", mail(**{"archived-at": archived})).link == link
