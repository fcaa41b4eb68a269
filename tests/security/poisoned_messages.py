"""Messages of a publisher who has a good certificate and bad intentions: every text in them is poisoned."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import Any, Final

from fmn.catalog import EventType, Message, catalog
from fmn.delivery.contract import RenderedNotification

#: Would run, if it came into a page or a mail as markup.
MARKUP: Final = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)><!--"
#: Would begin a header of a mail, a command on IRC, an event of a stream and a line of a log; would colour
#: and move what a terminal shows, and turn it around.
CONTROLS: Final = (
    "\r\nBcc: eve@example.org\r\n\r\nQUIT :bye\n\ndata: forged\r\0JOIN\v\f\x85\u2028\u2029"
    "\x1b[2J\x1b]0;x\a\x9b31m\2\3\x0f\x16\x1c\x1d\x1e\x1f\x7f\b\u202egnp\u202c\u2066\u2069\ud800")
#: Would call everybody in a chat, be a link that doesn't lead where it says, and mean something to templates.
SYNTAX: Final = (
    "@everyone @here <!channel> [bank](javascript:alert(1)) ![](https://eve.example.org/x.png)"
    "${7*7} {{7*7}} %s %(x)s {0} <% import os %>")
POISONS: Final = (MARKUP, CONTROLS, SYNTAX)
LINK: Final = 'javascript:alert(1)//https://example.org/"onmouseover=alert(1)'


def poisoned(body: Any, poison: str) -> Any:
    """The body with all its texts ending in the poison, and links replaced."""
    if isinstance(body, dict):
        return {key: poisoned(value, poison) for key, value in body.items()}
    if isinstance(body, list):
        return [poisoned(value, poison) for value in body]
    if isinstance(body, str):
        return LINK if body.startswith("http") else f"{body}{poison}"
    return body


def items() -> Iterator[RenderedNotification]:
    """What somebody is notified of: the example of every event type, with one of the poisons in turn."""
    for event, poison in zip(catalog().event_types(), cycle(POISONS), strict=False):
        yield _item(event, poison)


def _item(event: EventType, poison: str) -> RenderedNotification:
    whole = event.example_message()
    message = Message(whole.msg_id, whole.topic, whole.sent_at, poisoned(whole.body, poison))
    facts = catalog().facts(message)
    return RenderedNotification(
        message, catalog().describe(message), facts.agent, sorted(facts.usernames),
        sorted(map(str, facts.packages)), 7, "Packages that I own", 1001)
