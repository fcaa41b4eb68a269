"""A message as it came, for those who write filters by its fields."""

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
    """The body as JSON; ``truncated`` says that it's only its beginning."""

    text: str
    truncated: bool


def message_json(message: Message) -> MessageJson:
    """The body of a message, so that one can see all that is in it."""
    written, length = [], 0
    for piece in json.JSONEncoder(indent=2, ensure_ascii=False).iterencode(message.body):
        written.append(piece)
        length += len(piece)
        if length > MAX_LENGTH:
            break
    text = _HIDDEN.sub(lambda hidden: f"\\u{ord(hidden[0]):04x}", "".join(written)[:MAX_LENGTH])
    return MessageJson(text, truncated=length > MAX_LENGTH)
