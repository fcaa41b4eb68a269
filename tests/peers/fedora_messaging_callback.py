"""Callback of the fedora-messaging library's consumer: writes a line for each message that it validated."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


def write_line(message: Any) -> None:
    """Append what the library makes of a message to the file in ``HEARD``."""
    line = json.dumps({
        "class": type(message).__name__, "id": message.id, "topic": message.topic, "body": message.body,
        "severity": message.severity, "headers": dict(message._headers)})  # noqa: SLF001  it has no other way
    with Path(os.environ["HEARD"]).open("a", encoding="utf-8") as heard:
        heard.write(f"{line}\n")
