"""ZeroMQ sockets with the bus's options, all set before connecting or binding."""

from __future__ import annotations

from collections.abc import Sequence

import zmq

from fmn.sources.topics import topic_prefixes

Context = zmq.Context[zmq.Socket[bytes]]

#: A publisher's high-water mark: no limit. libzmq drops messages beyond its default of 1000 silently.
HIGH_WATER_MARK = 0
#: Bytes that may wait in ZeroMQ, of all publishers together: an eighth of a consumer's memory limit. More
#: waits in the kernel's buffers, then at the publisher.
RECEIVE_BUFFER_BYTES = 64 * 1024 * 1024
#: A frame of up to so many times a message's limit is read and rejected; a larger one isn't read and closes
#: the publisher's connection. More than 1, so that a slightly larger message costs no connection.
OVERSIZE_FACTOR = 2
#: Frames of a message: topic and body.
FRAMES = 2
#: TCP keep-alive. A subscriber never writes, so without it a connection that a firewall dropped is never
#: noticed. Seconds of silence before probes begin.
KEEPALIVE_IDLE_SECONDS = 60
#: Seconds between probes.
KEEPALIVE_INTERVAL_SECONDS = 5
#: Probes without an answer after which the connection is dead.
KEEPALIVE_PROBES = 3
#: Milliseconds until a reconnect, doubled up to the maximum.
RECONNECT_MILLISECONDS = 100
RECONNECT_MAX_MILLISECONDS = 1000
#: Milliseconds that closing a publisher waits for messages to leave.
LINGER_MILLISECONDS = 1000


def subscriber_socket(
    context: Context, topics: Sequence[str], message_bytes: int, publishers: int,
) -> zmq.Socket[bytes]:
    """SUB socket subscribed to the patterns ``topics``, for a number of publishers.

    Messages that wait in it take :data:`RECEIVE_BUFFER_BYTES` at most, or one message per publisher if that's
    more.
    """
    listening = context.socket(zmq.SUB)
    frame_bytes = OVERSIZE_FACTOR * message_bytes
    listening.setsockopt(zmq.MAXMSGSIZE, frame_bytes)
    listening.setsockopt(
        zmq.RCVHWM, max(1, RECEIVE_BUFFER_BYTES // (FRAMES * frame_bytes * max(1, publishers))))
    _keep_alive(listening)
    listening.setsockopt(zmq.RECONNECT_IVL, RECONNECT_MILLISECONDS)
    listening.setsockopt(zmq.RECONNECT_IVL_MAX, RECONNECT_MAX_MILLISECONDS)
    listening.setsockopt(zmq.LINGER, 0)
    for prefix in topic_prefixes(topics):
        listening.setsockopt(zmq.SUBSCRIBE, prefix.encode())
    return listening


def receive(listening: zmq.Socket[bytes]) -> list[bytes]:
    """The frames of the next message; of one with too many, the first ones.

    :raises zmq.Again: there is no message
    """
    frames = [listening.recv(zmq.NOBLOCK)]
    while listening.getsockopt(zmq.RCVMORE):
        frame = listening.recv(zmq.NOBLOCK, copy=False)
        if len(frames) <= FRAMES:
            frames.append(frame.bytes)
    return frames


def publisher_socket(context: Context) -> zmq.Socket[bytes]:
    """PUB socket."""
    publishing = context.socket(zmq.PUB)
    publishing.setsockopt(zmq.SNDHWM, HIGH_WATER_MARK)
    _keep_alive(publishing)
    publishing.setsockopt(zmq.LINGER, LINGER_MILLISECONDS)
    return publishing


def request_socket(context: Context, most_bytes: int) -> zmq.Socket[bytes]:
    """REQ socket for one request. An answer with a frame above ``most_bytes`` closes the connection."""
    asking = context.socket(zmq.REQ)
    asking.setsockopt(zmq.MAXMSGSIZE, most_bytes)
    asking.setsockopt(zmq.LINGER, 0)
    return asking


def _keep_alive(made: zmq.Socket[bytes]) -> None:
    made.setsockopt(zmq.TCP_KEEPALIVE, 1)
    made.setsockopt(zmq.TCP_KEEPALIVE_CNT, KEEPALIVE_PROBES)
    made.setsockopt(zmq.TCP_KEEPALIVE_IDLE, KEEPALIVE_IDLE_SECONDS)
    made.setsockopt(zmq.TCP_KEEPALIVE_INTVL, KEEPALIVE_INTERVAL_SECONDS)
