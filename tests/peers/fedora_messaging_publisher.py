"""Publishes with the fedora-messaging library what lines on standard input say.

Runs in the library's own environment, configured by ``FEDORA_MESSAGING_CONF``. A line is a JSON object:
``schema`` names the message's class, ``topic`` and ``body`` are the message's. Each line is answered with the
message's id once the broker has confirmed it.
"""

from __future__ import annotations

import json
import sys

from fedora_messaging import api, message


def main() -> None:
    """Publish until standard input ends."""
    for line in sys.stdin:
        order = json.loads(line)
        made = message.get_class(order["schema"])(topic=order["topic"], body=order["body"])
        made.validate()
        api.publish(made)
        print(made.id, flush=True)  # noqa: T201  that's how we tell


if __name__ == "__main__":
    main()
