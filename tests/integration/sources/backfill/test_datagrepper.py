"""Asking an archive that answers like datagrepper, well and badly: what it has is told completely."""

from __future__ import annotations

import gzip
import time
import tracemalloc
from collections.abc import Callable

import pytest

from fmn.sources.backfill import datagrepper
from fmn.sources.backfill.backfill_source import BackfillSourceError, WindowTooLargeError
from fmn.sources.backfill.datagrepper import MAX_PAGES, ROWS, Datagrepper
from fmn.sources.backfill.time_windows import BackfillWindow
from tests.servers.datagrepper import Datagrepper as Archive
from tests.servers.datagrepper import (
    is_a_page_for_people,
    is_busy,
    is_slow,
    is_truncated,
    page_of,
)
from tests.servers.receiver import Answer

START = 1_770_000_000


def fill(archive: Archive, count: int, *, per_second: int = 1) -> BackfillWindow:
    """Have so many messages in the archive; returns the window with all of them."""
    archive.bodies += [
        {"msg_id": f"2026-{number}", "timestamp": float(START + number // per_second)}
        for number in range(len(archive.bodies), len(archive.bodies) + count)]
    return BackfillWindow(START, START + count // per_second)


def ids_in(
    archive: Archive, window: BackfillWindow, *, timeout: float = 10.0, most_bytes: int = 10**7,
) -> list[str]:
    """The ids of what the archive tells of a window."""
    client = Datagrepper(archive.address, timeout, most_bytes=most_bytes)
    try:
        return [body["msg_id"] for page in client.messages(window) for body in page]  # type: ignore[index]
    finally:
        client.close()


def refusal(archive: Archive, window: BackfillWindow, timeout: float = 10.0) -> str:
    with pytest.raises(BackfillSourceError) as error:
        ids_in(archive, window, timeout=timeout)
    return str(error.value).replace(archive.address, "ARCHIVE")


def test_every_page_is_read_the_oldest_first(archive: Archive) -> None:
    window = fill(archive, 250)

    assert ids_in(archive, window) == [f"2026-{number}" for number in range(250)]
    assert [query["page"] for query in archive.queries] == [1, 2, 3]
    assert all(query == {"start": window.start, "end": window.end, "rows_per_page": ROWS,
                         "page": query["page"]} for query in archive.queries)


def test_nothing_is_nothing(archive: Archive) -> None:
    assert ids_in(archive, BackfillWindow(START, START + 600)) == []


@pytest.mark.parametrize("trouble", [is_busy, is_truncated, is_a_page_for_people])
def test_trouble_that_passes_is_waited_for(archive: Archive, trouble: Callable[[Answer], Answer]) -> None:
    window = fill(archive, 150)
    archive.planned += [trouble, trouble, lambda page: page, trouble]

    assert len(set(ids_in(archive, window))) == 150


@pytest.mark.parametrize(("trouble", "told"), [
    (is_busy, "ARCHIVE: answered 500 Internal Server Error, 3 times in a row"),
    (is_slow, "ARCHIVE: took longer than 0.2 seconds, 3 times in a row"),
    (is_a_page_for_people, ("ARCHIVE: didn't answer with JSON: Expecting value: line 1 column 1 (char 0), "
                           "3 times in a row")),
    (lambda _: Answer(body=b'{"error": "no"}'), ("ARCHIVE: didn't answer with raw_messages, pages and total, "
                                                 "as datagrepper does, 3 times in a row")),
])
def test_trouble_that_stays_is_told(
    archive: Archive, trouble: Callable[[Answer], Answer], told: str,
) -> None:
    archive.planned += [trouble] * 3

    assert refusal(archive, fill(archive, 1), timeout=0.2) == told


def test_what_the_archive_refuses_is_told_at_once(archive: Archive) -> None:
    archive.planned.append(lambda _: Answer(403))

    assert refusal(archive, fill(archive, 1)) == "ARCHIVE: answered 403 Forbidden"


def test_far_pages_are_not_asked_for(archive: Archive) -> None:
    window = fill(archive, ROWS * MAX_PAGES + 1, per_second=10)

    with pytest.raises(WindowTooLargeError):
        ids_in(archive, window)
    assert len(archive.queries) == 1


def test_pages_that_overlap_are_not_believed(archive: Archive) -> None:
    """A message that is archived late moves all later ones, and one is on two pages."""
    window = fill(archive, 200)
    archive.planned += [lambda page: page, lambda _: page_of(archive.bodies[99:199], total=200, pages=2)]

    with pytest.raises(WindowTooLargeError):
        ids_in(archive, window)


def test_a_second_whose_order_changes_is_asked_for_again(archive: Archive) -> None:
    # Given more messages in one second than a page has, in another order each time
    window = BackfillWindow(START, START + 1)
    fill(archive, 150, per_second=1000)
    archive.shuffles = True

    # Then all that can be found in a few passes is, and it doesn't go on for ever
    found = set(ids_in(archive, window))
    assert len(found) > 120
    assert len(archive.queries) <= 6


def test_what_arrives_meanwhile_is_read_as_well(archive: Archive) -> None:
    window = fill(archive, 250)
    archive.meanwhile = lambda: archive.bodies.append(
        {"msg_id": f"new-{time.monotonic_ns()}", "timestamp": float(window.end)})

    found = ids_in(archive, window)
    assert {f"2026-{number}" for number in range(250)} <= set(found)


@pytest.mark.parametrize("poison", ["x" * 200_000, "[" * 100_000])
def test_a_message_that_cannot_be_read_holds_up_no_other(archive: Archive, poison: str) -> None:
    # Given a message that's too large, or nested too deeply to be decoded
    fill(archive, 9, per_second=1000)
    archive.bodies[4]["msg"] = "POISON"

    def spoilt(page: Answer) -> Answer:
        nested = f"{poison}{']' * len(poison)}" if poison.startswith("[") else f'"{poison}"'
        return Answer(body=page.body.replace(b'"POISON"', nested.encode()))

    archive.planned += [spoilt] * 100

    # When its second is asked about, then the others are told
    found = ids_in(archive, BackfillWindow(START, START + 1), most_bytes=100_000)
    assert found == [f"2026-{number}" for number in range(9) if number != 4]


def gzipped(page: Answer) -> Answer:
    return Answer(body=gzip.compress(page.body), headers={"Content-Encoding": "gzip"})


def test_an_answer_may_be_packed(archive: Archive) -> None:
    window = fill(archive, 3)
    archive.planned.append(gzipped)

    assert ids_in(archive, window) == ["2026-0", "2026-1", "2026-2"]
    assert archive.received[0].headers["accept-encoding"] == "gzip"


def test_a_packed_answer_is_unpacked_up_to_what_is_taken(archive: Archive) -> None:
    # Given an answer of 200 KB that becomes 200 MB
    bomb = gzip.compress(b" " * 200_000_000)
    archive.planned.append(lambda _: Answer(body=bomb, headers={"Content-Encoding": "gzip"}))
    tracemalloc.start()
    try:
        with pytest.raises(WindowTooLargeError, match="more than 1,000,000 bytes"):
            ids_in(archive, BackfillWindow(START, START + 600), most_bytes=1_000_000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 10_000_000


def test_what_nobody_asked_for_is_not_unpacked(archive: Archive) -> None:
    archive.planned.append(lambda _: Answer(body=b"x", headers={"Content-Encoding": "br"}))

    assert refusal(archive, fill(archive, 1)) == (
        "ARCHIVE: answers in the encoding 'br', and was asked for gzip")


def test_what_says_that_it_is_packed_and_is_not_is_told(archive: Archive) -> None:
    archive.planned += [lambda _: Answer(body=b"x" * 40, headers={"Content-Encoding": "gzip"})] * 3

    assert "didn't answer with gzip" in refusal(archive, fill(archive, 1))


def test_an_answer_that_never_ends_is_not_read_on(archive: Archive) -> None:
    archive.planned += [lambda _: Answer(trickles=True)] * 3

    assert refusal(archive, fill(archive, 1), timeout=0.2) == (
        "ARCHIVE: took longer than 0.2 seconds, 3 times in a row")


@pytest.mark.parametrize("poison", ["", "[" * 100_000])
def test_pages_that_never_end_are_given_up(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, poison: str,
) -> None:
    """Each page says that there's one more, in a second that can't be asked about in pieces."""
    monkeypatch.setattr(datagrepper, "MAX_PAGES_OF_A_SECOND", 3)

    def one_more(_page: Answer) -> Answer:
        return page_of([{"msg_id": f"{len(archive.received)}"}], total=10**9, pages=10**9)

    archive.planned += [one_more] * 1000
    if poison:  # then its messages are asked for one by one
        archive.planned.appendleft(lambda _: Answer(body=poison.encode()))

    assert refusal(archive, BackfillWindow(START, START + 1)) == "ARCHIVE: has more than 3 pages of one time"
    assert len(archive.received) < 410


def test_an_archive_that_only_answers_too_much_is_given_up(archive: Archive) -> None:
    archive.planned += [lambda _: Answer(body=b"[" * 10**6)] * 100
    client = Datagrepper(archive.address, 10, most_bytes=10_000)

    with pytest.raises(BackfillSourceError, match="answers with more than 10,000 bytes"):
        list(client.messages(BackfillWindow(START, START + 1)))
    client.close()
