"""Publishes with the fedmsg library what lines on standard input say, and forges some of it on its way.

Runs in fedmsg's own environment. A line is a JSON object: ``certname`` is who signs, ``topic`` what comes
after the environment, ``msg`` the event, ``forgery`` one of :data:`FORGERIES` or nothing. With ``frame`` it's
sent once more, to those who subscribed to that topic. Each line is answered with one when it's published.
"""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fedmsg
import fedmsg.core
import fedmsg.encoding

Body = dict[str, Any]


def changed(body: Body) -> None:
    body["msg"]["agent"] = "mallory"


def redated(body: Body) -> None:
    body["timestamp"] += 1


def renamed(body: Body) -> None:
    body["msg_id"] += "0"


def added(body: Body) -> None:
    body["headers"] = {"x": "y"}


def unsigned(body: Body) -> None:
    del body["signature"], body["certificate"], body["crypto"]


def by_another_way(body: Body) -> None:
    body["crypto"] = "gpg"


def moved(body: Body) -> None:
    body["topic"] += ".elsewhere"


def without_certificate(body: Body) -> None:
    del body["certificate"]


#: What to do with a message after it's signed, by name.
FORGERIES: dict[str, Callable[[Body], None]] = {
    made.__name__: made
    for made in (changed, redated, renamed, added, unsigned, by_another_way, moved, without_certificate)
}


def main(config_file: str) -> None:
    """Publish until standard input ends."""
    scope: dict[str, Any] = {}
    exec(compile(Path(config_file).read_text(), config_file, "exec"), scope)  # noqa: S102  as fedmsg does
    bus = fedmsg.core.FedMsgContext(**copy.deepcopy(fedmsg.config.defaults) | scope["config"])
    for line in sys.stdin:
        order = json.loads(line)
        bus.c["certnames"][bus.c["name"]] = order["certname"]
        modname, _, topic = order["topic"].partition(".")
        sent: list[Body] = []
        bus.publish(topic, order["msg"], modname, pre_fire_hook=FORGERIES.get(order["forgery"], sent.append))
        for body in sent if order["frame"] else []:
            bus.publisher.send_multipart([order["frame"].encode(), fedmsg.encoding.dumps(body).encode()])
        print("published", flush=True)  # noqa: T201  that's how we tell
    bus.destroy()


if __name__ == "__main__":
    main(sys.argv[1])
