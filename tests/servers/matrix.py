"""A Matrix homeserver on loopback: as much of the client-server API (v1.11) as it takes to send a message.

People log in, rooms have aliases and members, messages are kept once per transaction. What isn't there, isn't
allowed or comes too often is answered with the specification's errors.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from tests.servers.receiver import Answer, Received, Receiver

NAME: Final = "matrix.example.org"
_API: Final = "/_matrix/client/v3/"


@dataclass
class Room:
    """A room: who is in it, who may come in (everybody if it's ``public``), and what was said, by whom."""

    id: str
    public: bool = True
    invited: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    said: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)


class _RefusedError(Exception):
    """An error of the specification's."""

    def __init__(self, status: int, code: str, **more: Any) -> None:
        super().__init__(code)
        self.answer = _json({"errcode": code, "error": f"made up: {code}", **more}, status)


def _json(value: object, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json"})


class MatrixServer(Receiver):
    """The server. ``passwords`` are the people's, by their full names. Next it's ``busy`` so many times."""

    def __init__(self) -> None:
        super().__init__()
        self.passwords: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        self.rooms: dict[str, Room] = {}
        self.aliases: dict[str, str] = {}
        self.busy = 0
        self.retry_after_ms = 10
        self._account_data: dict[tuple[str, str], Any] = {}
        self._transactions: dict[tuple[str, str, str], str] = {}

    def add_person(self, name: str, password: str = "") -> str:
        """Register somebody; returns a token of theirs."""
        full = f"@{name}:{NAME}"
        self.passwords[full] = password
        token = f"syt_{secrets.token_hex(8)}"
        self.tokens[token] = full
        return token

    def add_room(self, alias: str, *, public: bool = True) -> Room:
        """Make a room with this alias."""
        room = Room(f"!{secrets.token_hex(8)}:{NAME}", public=public)
        self.rooms[room.id] = room
        self.aliases[f"#{alias}:{NAME}"] = room.id
        return room

    def answer(self, received: Received) -> Answer:
        if self.answers:
            return self.answers.popleft()
        path = urlsplit(received.path).path
        name, *arguments = [unquote(part) for part in path.removeprefix(_API).split("/")]
        found = self._answers.get((received.method, name)) if path.startswith(_API) else None
        if found is None:
            return _RefusedError(404, "M_UNRECOGNIZED").answer
        try:
            return _json(found(self, received, *arguments))
        except _RefusedError as error:
            return error.answer

    def _login(self, received: Received) -> object:
        asked = received.json
        user = str(asked["identifier"]["user"])
        full = user if user.startswith("@") else f"@{user}:{NAME}"
        if asked["type"] != "m.login.password" or self.passwords.get(full) != asked["password"]:
            raise _RefusedError(403, "M_FORBIDDEN")
        token = self.add_person(full[1:].partition(":")[0], self.passwords[full])
        return {"user_id": full, "access_token": token, "device_id": secrets.token_hex(5).upper()}

    def _logout(self, received: Received) -> object:
        self._who(received)
        del self.tokens[self._token(received)]
        return {}

    def _whoami(self, received: Received, _what: str) -> object:
        return {"user_id": self._who(received), "device_id": "DEVICE", "is_guest": False}

    def _join(self, received: Received, where: str) -> object:
        who = self._who(received)
        room = self.rooms.get(self.aliases.get(where, where))
        if room is None:
            raise _RefusedError(404, "M_NOT_FOUND")
        if not (room.public or who in room.invited | room.members):
            raise _RefusedError(403, "M_FORBIDDEN")
        room.members.add(who)
        return {"room_id": room.id}

    def _create(self, received: Received) -> object:
        asked, who = received.json, self._who(received)
        alias = f"#{asked.get('room_alias_name', secrets.token_hex(5))}:{NAME}"
        if any(each not in self.passwords for each in asked.get("invite", [])):
            raise _RefusedError(404, "M_NOT_FOUND")
        room = self.add_room(alias[1:].partition(":")[0], public=False)
        room.members.add(who)
        room.invited.update(asked.get("invite", []))
        return {"room_id": room.id}

    def _send(self, received: Received, room_id: str, what: str, *more: str) -> object:
        if what != "send" or received.method != "PUT":
            raise _RefusedError(404, "M_UNRECOGNIZED")
        kind, transaction = more
        who, room = self._who(received), self.rooms.get(room_id)
        if room is None or who not in room.members:
            raise _RefusedError(403, "M_FORBIDDEN")
        if self.busy:
            self.busy -= 1
            raise _RefusedError(429, "M_LIMIT_EXCEEDED", retry_after_ms=self.retry_after_ms)
        key = (self._token(received), room_id, transaction)
        if key not in self._transactions:
            assert kind == "m.room.message"
            room.said.append((who, received.json))
            self._transactions[key] = f"${secrets.token_hex(8)}"
        return {"event_id": self._transactions[key]}

    def _data(self, received: Received, user: str, _what: str, kind: str) -> object:
        if self._who(received) != user:
            raise _RefusedError(403, "M_FORBIDDEN")
        if received.method == "PUT":
            self._account_data[user, kind] = received.json
            return {}
        if (user, kind) not in self._account_data:
            raise _RefusedError(404, "M_NOT_FOUND")
        return self._account_data[user, kind]

    def _token(self, received: Received) -> str:
        return received.headers.get("authorization", "").removeprefix("Bearer ")

    def _who(self, received: Received) -> str:
        who = self.tokens.get(self._token(received))
        if who is None:
            raise _RefusedError(401, "M_UNKNOWN_TOKEN")
        return who

    _answers: Final[Mapping[tuple[str, str], Callable[..., object]]] = {
        ("POST", "login"): _login, ("POST", "logout"): _logout, ("GET", "account"): _whoami,
        ("POST", "join"): _join, ("POST", "createRoom"): _create, ("PUT", "rooms"): _send,
        ("GET", "user"): _data, ("PUT", "user"): _data,
    }
