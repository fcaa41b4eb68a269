from __future__ import annotations

from collections.abc import Iterator

import pytest
import zmq

from fmn.bus.sockets import Context, listening_socket, publishing_socket

KEEP_ALIVES = {
    zmq.TCP_KEEPALIVE: 1, zmq.TCP_KEEPALIVE_CNT: 3, zmq.TCP_KEEPALIVE_IDLE: 60, zmq.TCP_KEEPALIVE_INTVL: 5}


@pytest.fixture
def context() -> Iterator[Context]:
    with zmq.Context() as context:
        yield context


def options_of(made: zmq.Socket[bytes], names: dict[zmq.SocketOption, int]) -> dict[zmq.SocketOption, int]:
    return {name: int(made.getsockopt(name)) for name in names}


def test_a_listener_never_drops_and_notices_dead_links(context: Context) -> None:
    wanted = KEEP_ALIVES | {
        zmq.RCVHWM: 0, zmq.LINGER: 0, zmq.RECONNECT_IVL: 100, zmq.RECONNECT_IVL_MAX: 1000}
    with listening_socket(context, ["*"]) as made:
        assert options_of(made, wanted) == wanted


def test_a_publisher_never_drops_and_lets_messages_leave(context: Context) -> None:
    wanted = KEEP_ALIVES | {zmq.SNDHWM: 0, zmq.LINGER: 1000}
    with publishing_socket(context) as made:
        assert options_of(made, wanted) == wanted
