"""A message's body as formatted JSON, for people who write filters by its fields."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

from fmn.catalog import Message
from fmn.text import UNWANTED

#: Characters that are shown. Messages of mass rebuilds have millions.
MAX_LENGTH: Final = 50_000
#: What nobody can see, or what turns the direction of writing around.
_HIDDEN: Final = re.compile(f"[{''.join(map(re.escape, map(chr, UNWANTED)))}]")


@dataclass(frozen=True)
class MessageJson:
    """Formatted body; ``truncated`` if it was too long."""

    text: str
    truncated: bool


def message_json(message: Message) -> MessageJson:
    """Format a message's body."""
    written, length = [], 0
    for piece in json.JSONEncoder(indent=2, ensure_ascii=False).iterencode(message.body):
        written.append(piece)
        length += len(piece)
        if length > MAX_LENGTH:
            break
    text = _HIDDEN.sub(lambda hidden: f"\\u{ord(hidden[0]):04x}", "".join(written)[:MAX_LENGTH])
    return MessageJson(text, truncated=length > MAX_LENGTH)
