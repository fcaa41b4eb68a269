from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from fmn.catalog import Description, Message, Severity
from fmn.catalog.group_summaries import GroupSummaryPart
from fmn.delivery.contract import RenderedNotification
from fmn.delivery.email.formatter import format_mail
from fmn.delivery.email.headers import LONGEST_SUBJECT, MAX_ALIKE
from fmn.delivery.email.mime import LONGEST_LINE
from fmn.text import one_line
from tests.unit.fmn.delivery.email.examples import (
    ANYTHING,
    MORNING,
    OPTIONS,
    Page,
    a_delivery,
    a_notification,
    options_with,
    part,
    pushes,
    received,
    some_notifications,
)

ONCE = [
    "From", "To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post",
    "Auto-Submitted", "Precedence", "X-Fedmsg-Num-Packages", "X-FMN-Severity", "MIME-Version", "Content-Type",
]
SORTING = ["X-Fedmsg-Topic", "X-Fedmsg-Category", "X-Fedmsg-Username", "X-Fedmsg-Package", "X-FMN-Filter"]


class TestASubject:
    def test_is_cut_at_a_word(self) -> None:
        subject = received(a_delivery(a_notification(summary="word " * 100)))["Subject"]
        assert len(subject) <= LONGEST_SUBJECT
        assert subject.endswith("word…")

    def test_begins_with_the_prefix_that_is_set(self) -> None:
        mail = received(a_delivery(), options_with(subject_prefix="[FMN]"))
        assert mail["Subject"] == "[FMN] bob commented on update FEDORA-2026-1a2b (php-8.4.2)"

    def test_of_a_digest_counts_by_application(self) -> None:
        subject = received(a_delivery(*some_notifications()))["Subject"]
        assert subject == "5 notifications: bodhi 2, buildsys 2, git 1"

    def test_of_a_digest_of_alike_events_says_what_they_are(self) -> None:
        assert received(a_delivery(*pushes(488)))["Subject"] == "ralph pushed to ghc and 487 other packages"

    def test_of_a_digest_of_alike_events_is_cut_at_a_word_too(self) -> None:
        mail = received(a_delivery(*[a_notification(n, summary="word " * 100) for n in range(2)]))
        assert len(mail["Subject"]) <= LONGEST_SUBJECT
        assert mail["Subject"].endswith("word…")

    def test_of_a_digest_from_many_applications_names_the_busiest(self) -> None:
        items = [a_notification(n, category=f"app{n % 7}") for n in range(1, 2001)]
        assert received(a_delivery(*items))["Subject"] == (
            "2,000 notifications: app1 286, app2 286, app3 286, app4 286, others 856")


class TestAThread:
    def test_is_one_conversation(self) -> None:
        # Given two comments on one update
        first, second = (received(a_delivery(in_thread(n), key=f"single:{n}")) for n in (1, 2))
        # Then their mails answer the same one, which never was
        assert re.fullmatch(r"<thread-[0-9a-f]{40}@example\.org>", first["References"])
        assert {mail[name] for mail in (first, second) for name in ("References", "In-Reply-To")} == {
            first["References"]}
        assert len({first["Message-ID"], second["Message-ID"], first["References"]}) == 3

    def test_is_another_one_for_each_reader_and_for_each_thread(self) -> None:
        mails = [
            received(a_delivery(in_thread(1))),
            received(replace(a_delivery(in_thread(1)), preference_id=4)),
            received(a_delivery(in_thread(1, "https://bodhi.example.org/updates/FEDORA-2026-3c4d")))]
        assert len({mail["References"] for mail in mails}) == 3

    def test_is_not_what_a_digest_is_of(self) -> None:
        assert "References" not in received(a_delivery(in_thread(1), in_thread(2)))

    def test_is_nothing_that_stands_alone(self) -> None:
        mail = received(a_delivery(in_thread(1, "")))
        assert not {"References", "In-Reply-To"} & set(mail.keys())


def in_thread(
    number: int, thread: str = "https://bodhi.example.org/updates/FEDORA-2026-1a2b",
) -> RenderedNotification:
    item = a_notification(number)
    return replace(item, description=replace(item.description, thread=thread))


class TestHeadersToSortBy:
    def test_does_not_flood_the_headers(self) -> None:
        # Given a mass rebuild: a thousand packages of as many people
        items = [replace(a_notification(n, event=f"e{n}"), packages=[f"rpms/p{n}"], usernames=[f"u{n}"],
                         filter_name=f"f{n}", filter_id=n) for n in range(1000)]
        mail = received(a_delivery(*items))
        # Then ten of each are named, and the number is right
        assert [len(mail.get_all(name, [])) for name in SORTING] == [10, 1, 10, 10, 10]
        assert mail["X-Fedmsg-Num-Packages"] == "1000"
        assert mail.get_all("X-Fedmsg-Package") == [f"p{n}" for n in range(10)]

    def test_tell_how_bad_the_worst_is(self) -> None:
        def severe(number: int, severity: Severity) -> RenderedNotification:
            item = a_notification(number)
            return replace(item, description=replace(item.description, severity=severity))

        some = [severe(1, Severity.INFO), severe(2, Severity.ERROR), severe(3, Severity.WARNING)]
        assert received(a_delivery(*some))["X-FMN-Severity"] == "error"
        assert received(a_delivery(severe(1, Severity.DEBUG)))["X-FMN-Severity"] == "debug"


def items_of(text: str) -> RenderedNotification:
    """An item with one text everywhere."""
    message = Message("1", f"org.example.prod.{text}", MORNING, {})
    description = Description(text, text, text, text, text, text, Severity.INFO, text, GroupSummaryPart())
    return RenderedNotification(message, description, text, [text, text + "2"], [text], 7, text, 1)


class TestWhateverIsOnTheBus:
    @given(ANYTHING, st.integers(1, 3), ANYTHING)
    @example("a\r\nBcc: mallory@example.org", 1, "alice\nX-Evil: 1")
    @example("=?utf-8?q?a=0D=0ABcc:_mallory=40example.org?=", 1, "alice")
    @example("\r\n.\r\nQUIT\r\n", 2, "alice")
    @example("\ud800\u202e\0", 2, "\x1b[2J")
    def test_the_mail_is_well_formed(self, text: str, count: int, nick: str) -> None:
        delivery = replace(a_delivery(*[items_of(text)] * count), nick=nick)
        wire = format_mail(delivery, OPTIONS).as_bytes()
        mail = received(delivery)

        assert wire.isascii()
        assert all(len(line) <= LONGEST_LINE for line in wire.split(b"\r\n"))
        assert not {b"\r", b"\n"} & set(re.findall(rb"[\r\n]", wire.replace(b"\r\n", b"")))
        names = Counter(mail.keys())
        assert all(names.pop(name) == 1 for name in ONCE)
        assert set(names) <= set(SORTING)
        assert max(names.values(), default=0) <= MAX_ALIKE
        assert [one.get_content_type() for one in mail.iter_parts()] == ["text/plain", "text/html"]
        assert all(not one.defects for one in mail.walk())
        assert mail["To"] == "alice@example.org"

    @given(ANYTHING)
    def test_the_subject_says_the_summary(self, text: str) -> None:
        subject = one_line(received(a_delivery(a_notification(summary=text)))["Subject"])
        whole = one_line(text)
        assert subject == whole if len(whole) <= LONGEST_SUBJECT else whole.startswith(subject.rstrip("…"))

    @given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=70))
    def test_both_parts_say_the_text(self, text: str) -> None:
        mail = received(a_delivery(a_notification(long=text)))
        assert f"\n{text}\n" in part(mail, "plain")
        assert text in Page(part(mail, "html")).text
