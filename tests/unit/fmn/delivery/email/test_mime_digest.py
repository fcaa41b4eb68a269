from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from email.message import EmailMessage

from hypothesis import given
from hypothesis import strategies as st

from fmn.delivery.contract import RenderedNotification
from fmn.delivery.email.formatter import format_mail
from fmn.delivery.email.mail_options import MailOptions
from fmn.infra.public_ids import PublicId
from tests.unit.fmn.delivery.email.examples import (
    ANYTHING,
    LINKS,
    OPTIONS,
    a_delivery,
    a_notification,
    options_with,
    received,
    some_notifications,
)


def opened(
    *items: RenderedNotification, options: MailOptions = OPTIONS,
) -> tuple[str, Sequence[EmailMessage]]:
    """The text before the mails of such a digest, and the mails, as a mail program has them."""
    first, digest = received(a_delivery(*items, mime_digest=True), options).iter_parts()
    assert first.get_content_type() == "text/plain"
    assert digest.get_content_type() == "multipart/digest"
    parts = list(digest.iter_parts())
    assert {part.get_content_type() for part in parts} == {"message/rfc822"}
    return first.get_content(), [part.get_content() for part in parts]


def test_it_says_what_it_is_about_and_encloses_a_mail_for_each() -> None:
    text, mails = opened(*some_notifications())
    assert text == f"""\
5 notifications
2026-03-14 09:27 to 12:31 UTC
2 from Bodhi, 2 from Koji, 1 from dist-git

1. bob commented on update FEDORA-2026-1a2b (php-8.4.2)
2. bob pushed to rpms/php (rawhide)
3. bob's php-8.4.3 built
4. bob's php-8.4.4 built
5. bob commented on update FEDORA-2026-1a2b (php-8.4.2)

--\x20
Sent to alice by 2 filters.
Stop all of these mails: {LINKS.unsubscribe(PublicId(3), None)}
Your settings: {LINKS.preference("email")}
"""
    assert [mail["Subject"] for mail in mails] == [item.description.summary for item in some_notifications()]


def test_each_of_its_mails_is_whole() -> None:
    _, mails = opened(*some_notifications())
    assert list(mails[0].items())[:3] == [
        ("From", '"Bodhi (FMN)" <fmn@example.org>'),
        ("Subject", "bob commented on update FEDORA-2026-1a2b (php-8.4.2)"),
        ("Date", "Sat, 14 Mar 2026 09:27:53 +0000")]
    assert mails[0].get_content() == f"""\
bob commented on update FEDORA-2026-1a2b (php-8.4.2)
https://bodhi.example.org/updates/FEDORA-2026-1a2b

Works here.

--\x20
Bodhi (bodhi.update.comment), 2026-03-14 09:27 UTC
Matched by Packages that I own.
Why: {LINKS.why(PublicId(1001))}
"""
    assert len({mail["Message-ID"] for mail in mails}) == 5


def test_its_mails_are_of_threads_though_it_is_not() -> None:
    item = a_notification(1)
    threaded = replace(item, description=replace(item.description, thread="https://bodhi.example.org/1"))
    mail = received(a_delivery(threaded))
    _, mails = opened(threaded, a_notification(2))
    assert [enclosed["References"] for enclosed in mails] == [mail["References"], None]
    assert "References" not in received(a_delivery(threaded, a_notification(2), mime_digest=True))


def test_of_one_notification_it_is_a_plain_mail() -> None:
    assert format_mail(a_delivery(mime_digest=True), OPTIONS) == format_mail(a_delivery(), OPTIONS)


def test_it_counts_what_has_no_room() -> None:
    # Given more than a mail holds
    items = [a_notification(n, event=f"e{n}", long="x y z " * 500) for n in range(2_000)]
    text, mails = opened(*items, options=options_with(max_body_bytes=100_000))
    # Then as many as there's room for are enclosed, from the first on, and the rest is counted
    assert 50 < len(mails) < 2_000
    left_out = f"{2_000 - len(mails):,} more didn't fit in this mail. See all in your inbox:"
    assert f"\n{left_out}\n{LINKS.inbox()}\n" in text
    assert f"\n{len(mails)}. " in text
    assert f"\n{len(mails) + 1}. " not in text


@given(st.lists(st.tuples(ANYTHING, ANYTHING, st.integers(0, 5_000)), min_size=2, max_size=20))
def test_it_is_under_its_limit_and_well_formed_with_any_texts(texts: list[tuple[str, str, int]]) -> None:
    items = [a_notification(
        n, summary=summary, long=long * times) for n, (summary, long, times) in enumerate(texts)]
    options = options_with(max_body_bytes=100_000)
    wire = format_mail(a_delivery(*items, mime_digest=True), options).as_bytes()
    assert len(wire.partition(b"\r\n\r\n")[2]) <= 100_000
    assert wire.isascii()
    _, mails = opened(*items, options=options)
    assert len(mails) == len(items)
