"""Consumes a queue with the fedora-messaging library's own consumer, which does nothing with the messages.

Runs in the library's environment, not in FMN's: ``python amqp_library_consumer.py QUEUE NUMBER``, with the
settings in the file that ``FEDORA_MESSAGING_CONF`` names. Prints the seconds from the first message to the
last one.
"""

import sys
import time

from fedora_messaging import api
from fedora_messaging.exceptions import HaltConsumer


class Discard:
    """Callback that counts, and halts after so many messages."""

    def __init__(self, number: int) -> None:
        self._left = number
        self._began = 0.0

    def __call__(self, message: object) -> None:
        """Take a message and do nothing."""
        self._began = self._began or time.monotonic()
        self._left -= 1
        if not self._left:
            print(time.monotonic() - self._began, flush=True)
            raise HaltConsumer


def main(queue: str, number: int) -> None:
    """Consume until the callback halts."""
    queues = {queue: {"durable": True, "auto_delete": False, "exclusive": False, "arguments": {}}}
    api.consume(Discard(number), bindings=[], queues=queues)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
