"""Mails as their readers want them: each option of a preference by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from fmn.delivery.contract import RenderedDelivery, RenderedNotification
from fmn.delivery.email.formatter import format_mail
from fmn.infra.public_ids import PublicId
from tests.unit.fmn.delivery.email.examples import (
    LINKS,
    Page,
    a_delivery,
    a_notification,
    options_with,
    part,
    pushes,
    received,
    some_notifications,
)

LONG_LINK = "https://bodhi.example.org/updates/FEDORA-2026-1a2b"


class TestWithoutTheLongText:
    def test_a_single_is_one_sentence(self) -> None:
        mail = received(a_delivery(long_text=False))
        assert part(mail, "plain").startswith(f"""\
bob commented on update FEDORA-2026-1a2b (php-8.4.2)
{LONG_LINK}

--\x20
""")
        assert "Works here." not in part(mail, "html")

    def test_a_digest_is_one_sentence_each(self) -> None:
        mail = received(a_delivery(*some_notifications(), long_text=False))
        assert "php.spec" not in part(mail, "plain") + part(mail, "html")
        assert "bob pushed to rpms/php (rawhide)" in part(mail, "plain")

    def test_nothing_was_cut(self) -> None:
        mail = received(a_delivery(a_notification(long="x" * 10**6), long_text=False))
        assert "Shortened" not in part(mail, "plain") + part(mail, "html")


class TestWithoutWhatTriggeredIt:
    @pytest.mark.parametrize("delivery", [
        a_delivery(trigger_links=False), a_delivery(*some_notifications(), trigger_links=False),
        a_delivery(*pushes(3), trigger_links=False),
        a_delivery(*some_notifications(), *pushes(3), trigger_links=False),
    ], ids=["single", "digest", "group", "groups"])
    def test_neither_filters_nor_their_links_are_told(self, delivery: RenderedDelivery) -> None:
        mail = received(delivery)
        for text in (part(mail, "plain"), part(mail, "html")):
            assert "Packages that I own" not in text
            assert "My username" not in text
            assert "/why/" not in text
            assert "Sent to alice." in text

    def test_they_can_still_be_stopped_and_sorted(self) -> None:
        mail = received(a_delivery(trigger_links=False))
        assert f"Stop this filter: {LINKS.unsubscribe(PublicId(3), PublicId(7))}" in part(mail, "plain")
        assert mail["X-FMN-Filter"] == "Packages that I own"

    def test_what_was_cut_still_leads_to_all_of_it(self) -> None:
        delivery = a_delivery(a_notification(long="words " * 10**5), trigger_links=False)
        assert LINKS.why(PublicId(1001)) in part(received(delivery), "plain")


class TestWithShortLinks:
    def test_links_are_ours_and_tell_where_they_lead(self) -> None:
        mail = received(a_delivery(short_links=True))
        assert LINKS.go(PublicId(1001)) in part(mail, "plain").split("\n")
        page = Page(part(mail, "html"))
        assert page.links[0] == LINKS.go(PublicId(1001))
        assert "Open on bodhi.example.org" in page.text
        assert LONG_LINK not in part(mail, "plain") + part(mail, "html")

    def test_what_has_no_link_gets_none(self) -> None:
        assert "/go/" not in part(received(a_delivery(a_notification(link=""), short_links=True)), "plain")


class TestWithoutMarkup:
    @pytest.mark.parametrize("items", [[], some_notifications()], ids=["single", "digest"])
    def test_a_mail_is_its_plain_text_alone(self, items: Sequence[RenderedNotification]) -> None:
        both, alone = (received(a_delivery(*items, markup=wanted)) for wanted in (True, False))
        assert alone.get_content_type() == "text/plain"
        assert alone.get_content() == part(both, "plain")
        assert set(alone) - set(both) == {"Content-Transfer-Encoding"}

    def test_words_beyond_ascii_arrive(self) -> None:
        mail = received(a_delivery(a_notification(long="Grüße aus Zürich: 🙂"), markup=False))
        assert "Grüße aus Zürich: 🙂" in mail.get_content()

    def test_there_is_room_for_more_of_a_long_text(self) -> None:
        look = options_with(max_body_bytes=100_000)
        delivery = a_delivery(a_notification(long="words and more words\n" * 10_000))
        alone = replace(delivery, presentation=delivery.presentation.model_copy(
            update={"markup": False}))
        both, only = part(received(delivery, look), "plain"), received(alone, look).get_content()
        assert len(only) > 1.5 * len(both)
        assert len(format_mail(alone, look).as_bytes()) < 102_000
