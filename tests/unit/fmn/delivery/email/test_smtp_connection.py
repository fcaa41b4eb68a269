from __future__ import annotations

import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.delivery.email.smtp_connection import SmtpConnection, SmtpReply

#: Lines of printable ASCII, as servers write them.
LINES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=30).map(str.strip)
ANSWERS = st.lists(st.tuples(st.integers(200, 599), st.lists(LINES, min_size=1, max_size=4)), max_size=5)


@pytest.fixture
def ends() -> Iterator[tuple[SmtpConnection, socket.socket]]:
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        yield SmtpConnection(ours), theirs


def written(code: int, lines: list[str]) -> bytes:
    *others, last = lines
    return "".join([*(f"{code}-{line}\r\n" for line in others), f"{code} {last}\r\n"]).encode()


@given(ANSWERS, st.lists(st.integers(1, 40), min_size=1))
def test_answers_are_the_same_in_whatever_pieces_they_come(
    answers: list[tuple[int, list[str]]], sizes: list[int],
) -> None:
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        wire, heard = SmtpConnection(ours), list[SmtpReply]()
        left = b"".join(written(code, lines) for code, lines in answers)
        while left:
            size = sizes[len(left) % len(sizes)]
            theirs.send(left[:size])
            left = left[size:]
            while answer := wire.read_reply():
                heard.append(answer)
        assert wire.read_reply() is None
    assert heard == [SmtpReply(code, "\n".join(lines).encode()) for code, lines in answers]


@pytest.mark.parametrize(("said", "meant"), [
    (b"250\r\n", SmtpReply(250, b"")),
    (b"250 fine\n", SmtpReply(250, b"fine")),
    (b"250-fine\r\n250\r\n", SmtpReply(250, b"fine\n")),
    (b"250-fine\r\n550 no\r\n", SmtpReply(550, b"fine\nno")),
    (b"what?\r\n", SmtpReply(-1, b"?")),
    (b"\r\n", SmtpReply(-1, b"")),
    (b"25\r\n", SmtpReply(-1, b"")),
    (b"HTTP/1.1 400 Bad Request\r\n", SmtpReply(-1, b"/1.1 400 Bad Request")),
    (b"250-fine\r\nwhat?\r\n", SmtpReply(-1, b"fine\n?")),
])
def test_odd_answers_are_nonsense_at_worst(
    said: bytes, meant: SmtpReply, ends: tuple[SmtpConnection, socket.socket],
) -> None:
    wire, theirs = ends
    theirs.send(said)
    assert wire.read_reply() == meant


@pytest.mark.parametrize("said", [b"", b"250", b"250 fine", b"250-fine\r\n", b"250-fine\r\n250 fi"])
def test_what_is_not_complete_is_not_heard_and_then_lost(
    said: bytes, ends: tuple[SmtpConnection, socket.socket],
) -> None:
    wire, theirs = ends
    theirs.send(said)
    assert wire.read_reply() is None
    theirs.close()
    with pytest.raises(smtplib.SMTPServerDisconnected, match="the connection was closed"):
        wire.read_reply()


def test_who_never_stops_is_not_heard_to_the_end(ends: tuple[SmtpConnection, socket.socket]) -> None:
    wire, theirs = ends

    def hear_some(_number: int) -> SmtpReply | None:
        theirs.send(b"250-and so on\r\n" * 100)
        return wire.read_reply()

    with pytest.raises(smtplib.SMTPException, match="too long"):
        list(map(hear_some, range(100)))


def test_what_does_not_fit_on_the_way_is_sent_as_it_is_taken(
    ends: tuple[SmtpConnection, socket.socket],
) -> None:
    wire, theirs = ends
    much, taken = b"x" * 3_000_000, bytearray()

    def take() -> None:
        while len(taken) < len(much):
            taken.extend(theirs.recv(65536))

    reader = threading.Thread(target=take)
    reader.start()
    wire.send(much, 30)
    reader.join(30)
    assert bytes(taken) == much
    # And afterwards nobody waits again
    assert wire.read_reply() is None


def test_what_nobody_takes_ends_when_time_does(ends: tuple[SmtpConnection, socket.socket]) -> None:
    wire, _ = ends
    with pytest.raises(TimeoutError):
        wire.send(b"x" * 30_000_000, 0.05)
