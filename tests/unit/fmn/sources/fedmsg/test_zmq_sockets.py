from __future__ import annotations

from collections.abc import Iterator

import pytest
import zmq

from fmn.sources.fedmsg.zmq_sockets import Context, publisher_socket, receive, subscriber_socket

KEEP_ALIVES = {
    zmq.TCP_KEEPALIVE: 1, zmq.TCP_KEEPALIVE_CNT: 3, zmq.TCP_KEEPALIVE_IDLE: 60, zmq.TCP_KEEPALIVE_INTVL: 5}


@pytest.fixture
def context() -> Iterator[Context]:
    with zmq.Context() as context:
        yield context


def options_of(made: zmq.Socket[bytes], names: dict[zmq.SocketOption, int]) -> dict[zmq.SocketOption, int]:
    return {name: int(made.getsockopt(name)) for name in names}


def test_a_listener_notices_dead_links(context: Context) -> None:
    wanted = KEEP_ALIVES | {zmq.LINGER: 0, zmq.RECONNECT_IVL: 100, zmq.RECONNECT_IVL_MAX: 1000}
    with subscriber_socket(context, ["*"], 1000, 1) as made:
        assert options_of(made, wanted) == wanted


@pytest.mark.parametrize(("message_bytes", "publishers", "waiting"), [
    (1_000_000, 1, 16), (1_000_000, 8, 2), (1_000_000, 350, 1), (10_000_000, 1, 1), (1000, 1, 16777)])
def test_what_waits_in_a_listener_is_bounded_for_all_publishers_together(
    context: Context, message_bytes: int, publishers: int, waiting: int,
) -> None:
    wanted = {zmq.MAXMSGSIZE: 2 * message_bytes, zmq.RCVHWM: waiting}
    with subscriber_socket(context, ["*"], message_bytes, publishers) as made:
        assert options_of(made, wanted) == wanted


def test_of_a_message_with_many_frames_the_first_ones_are_received_and_the_next_message_whole(
    context: Context,
) -> None:
    with context.socket(zmq.XPUB) as sending, subscriber_socket(context, ["*"], 1000, 1) as listening:
        sending.bind("inproc://parts")
        listening.connect("inproc://parts")
        assert sending.poll(20_000)
        sending.send_multipart([b"%d" % number for number in range(1000)])
        sending.send_multipart([b"topic", b"body"])

        assert listening.poll(20_000)
        assert receive(listening) == [b"0", b"1", b"2"]
        assert listening.poll(20_000)
        assert receive(listening) == [b"topic", b"body"]


def test_a_publisher_never_drops_and_lets_messages_leave(context: Context) -> None:
    wanted = KEEP_ALIVES | {zmq.SNDHWM: 0, zmq.LINGER: 1000}
    with publisher_socket(context) as made:
        assert options_of(made, wanted) == wanted
