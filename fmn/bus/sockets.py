"""ZeroMQ sockets as the bus wants them. Every option is set before connecting or binding."""

from __future__ import annotations

from collections.abc import Sequence

import zmq

from fmn.bus.topics import prefixes

Context = zmq.Context[zmq.Socket[bytes]]

#: 0 is "no limit". libzmq's default of 1000 messages drops silently what isn't taken in time.
HIGH_WATER_MARK = 0
#: A listener never writes, so without keep-alives a link that died in a firewall is never noticed.
#: Probes begin after this many seconds of silence…
KEEPALIVE_IDLE_SECONDS = 60
#: …follow each other after this many seconds…
KEEPALIVE_INTERVAL_SECONDS = 5
#: …and this many without an answer mean that the link is dead.
KEEPALIVE_PROBES = 3
#: Milliseconds until a lost connection is tried again; doubles up to the maximum.
RECONNECT_MILLISECONDS = 100
RECONNECT_MAX_MILLISECONDS = 1000
#: Milliseconds that closing a publisher waits for messages to leave.
LINGER_MILLISECONDS = 1000


def listening_socket(context: Context, topics: Sequence[str]) -> zmq.Socket[bytes]:
    """A SUB socket subscribed to the patterns ``topics``."""
    listening = context.socket(zmq.SUB)
    listening.setsockopt(zmq.RCVHWM, HIGH_WATER_MARK)
    _keep_alive(listening)
    listening.setsockopt(zmq.RECONNECT_IVL, RECONNECT_MILLISECONDS)
    listening.setsockopt(zmq.RECONNECT_IVL_MAX, RECONNECT_MAX_MILLISECONDS)
    listening.setsockopt(zmq.LINGER, 0)
    for prefix in prefixes(topics):
        listening.setsockopt(zmq.SUBSCRIBE, prefix.encode())
    return listening


def publishing_socket(context: Context) -> zmq.Socket[bytes]:
    """A PUB socket."""
    publishing = context.socket(zmq.PUB)
    publishing.setsockopt(zmq.SNDHWM, HIGH_WATER_MARK)
    _keep_alive(publishing)
    publishing.setsockopt(zmq.LINGER, LINGER_MILLISECONDS)
    return publishing


def asking_socket(context: Context, most_bytes: int) -> zmq.Socket[bytes]:
    """A REQ socket for one question. Whoever answers with a larger frame than that is hung up on."""
    asking = context.socket(zmq.REQ)
    asking.setsockopt(zmq.MAXMSGSIZE, most_bytes)
    asking.setsockopt(zmq.LINGER, 0)
    return asking


def _keep_alive(made: zmq.Socket[bytes]) -> None:
    made.setsockopt(zmq.TCP_KEEPALIVE, 1)
    made.setsockopt(zmq.TCP_KEEPALIVE_CNT, KEEPALIVE_PROBES)
    made.setsockopt(zmq.TCP_KEEPALIVE_IDLE, KEEPALIVE_IDLE_SECONDS)
    made.setsockopt(zmq.TCP_KEEPALIVE_INTVL, KEEPALIVE_INTERVAL_SECONDS)
