"""Demo webhook: a request of a made-up forge, as a command for a terminal."""

from __future__ import annotations

import hmac
import json
import shlex
from datetime import datetime
from typing import Final
from uuid import uuid4

#: Name and forge of the demo's webhook.
NAME: Final = "demo"
FORGE: Final = "forgejo"
_EVENT: Final = "issues"


def curl_command(url: str, secret: str, nick: str, now: datetime) -> str:
    """A command that reports an issue by ``nick``, signed as Forgejo does.

    Run twice it's one event, for the body is the same. The time makes the next start's another one.
    """
    body = _body(nick, now)
    headers = {
        "Content-Type": "application/json", "X-Forgejo-Event": _EVENT, "X-Forgejo-Delivery": str(uuid4()),
        "X-Forgejo-Signature": hmac.digest(secret.encode(), body.encode(), "sha256").hex(),
    }
    shown = [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in headers.items()]
    return " ".join(["curl", url, *shown, "--data-raw", shlex.quote(body)])


def _body(nick: str, now: datetime) -> str:
    repository = "https://forge.example/mossers/moss"
    return json.dumps({
        "action": "opened", "number": 1,
        "issue": {
            "number": 1, "title": "The lawn is too dry", "html_url": f"{repository}/issues/1",
            "created_at": now.isoformat(timespec="seconds"), "user": {"login": nick}},
        "repository": {"full_name": "mossers/moss", "html_url": repository, "private": False},
        "sender": {"login": nick},
    }, separators=(",", ":"))
