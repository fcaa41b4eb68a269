"""Mails of a single notification: what they share is made once, what is a reader's own is never shared."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import pytest

from fmn.delivery.contract import RenderedDelivery
from fmn.delivery.email import html, plain
from fmn.delivery.email.formatter import format_mail
from fmn.people.preferences import Presentation
from tests.unit.fmn.delivery.email.examples import OPTIONS, a_delivery, a_notification, part, received


def deliveries(count: int, **wanted: bool) -> list[RenderedDelivery]:
    """The same message for so many people, each with a notification and a filter of their own."""
    item = a_notification()
    return [
        replace(
            a_delivery(
                replace(item, notification_id=number, filter_id=number, filter_name=f"Filter {number}"),
                destination=f"person{number}@example.org", key=f"single:{number}"),
            nick=f"person{number}", preference_id=number, presentation=Presentation(**wanted))
        for number in range(1, count + 1)]


def test_writes_what_all_readers_share_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with patch.object(plain, "beginning", wraps=plain.beginning) as text, \
            patch.object(html, "beginning", wraps=html.beginning) as markup:
        options = replace(OPTIONS)
        for each in deliveries(20):
            format_mail(each, options)
    assert (text.call_count, markup.call_count) == (1, 1)


@pytest.mark.parametrize("short_links", [False, True])
def test_tells_each_reader_their_own_links_and_filter(short_links: bool) -> None:
    for each in deliveries(3, short_links=short_links):
        mail, [item] = received(each), each.items
        assert mail["To"] == each.destination
        assert mail["X-FMN-Filter"] == item.filter_name
        for kind in ("plain", "html"):
            said = part(mail, kind)
            assert OPTIONS.links.why(item.notification) in said
            assert OPTIONS.links.unsubscribe(each.preference, item.public_filter_id) in said
            assert (OPTIONS.links.go(item.notification) in said) is short_links
            assert item.filter_name in said


def test_a_changed_message_is_never_taken_for_the_one_before() -> None:
    item = a_notification()
    other = replace(item, description=replace(item.description, summary="alice withdrew it"))
    said = [received(a_delivery(each))["Subject"] for each in (item, other, item)]
    assert said == [item.description.summary, "alice withdrew it", item.description.summary]


def test_the_owner_is_addressed_and_others_are_not() -> None:
    item = a_notification(summary="alice's build of moss failed")
    owner, other = a_delivery(item), replace(a_delivery(item), nick="bob")
    assert received(owner)["Subject"] == "Your build of moss failed"
    assert received(other)["Subject"] == "alice's build of moss failed"


def test_each_reader_has_the_time_where_they_are() -> None:
    # Given the same message for readers in three zones, one of whom is there twice
    item = a_notification()
    for zone, time in (
        ("UTC", "2026-03-14 09:27 UTC"), ("Europe/Prague", "2026-03-14 10:27 CET"),
        ("America/Sao_Paulo", "2026-03-14 06:27 UTC-03"), ("UTC", "2026-03-14 09:27 UTC"),
    ):
        mail = received(replace(a_delivery(item), time_zone=zone))
        for kind in ("plain", "html"):
            assert time in part(mail, kind)


def test_the_frame_is_in_its_readers_language_and_the_rest_is_english() -> None:
    # Given the same message for one who reads German between two who read English
    readers = [
        replace(each, language=language)
        for each, language in zip(deliveries(3), ("en", "de", "en"), strict=True)]
    # When their mails are made
    mails = [received(each) for each in readers]
    # Then none has another's words
    assert [mail["Subject"] for mail in mails] == [readers[0].items[0].description.summary] * 3
    for mail, language, why in zip(
            mails, ("en", "de", "en"), ("Why you got this", "Warum du das bekommen hast", "Why you got this"),
            strict=True):
        assert f"\n{why}: " in part(mail, "plain")
        assert f'<html lang="{language}">' in part(mail, "html")
        assert ('<h1 lang="en"' in part(mail, "html")) is (language == "de")
