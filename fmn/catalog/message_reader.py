"""Reading a message body without fear: what's missing or of another type reads as less, never raises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fmn.catalog.message import Message

#: Turns a nick or an e-mail address into an account name, or returns ``None`` if nobody has it.
AccountLookup = Callable[[str], str | None]


def no_accounts(_name: str) -> str | None:
    """The directory that knows no aliases."""
    return None


class JsonNode:
    """A JSON value and safe ways into it.

    A path is any number of object keys and list positions: ``node.text("update", "user", "name")``.
    Every method answers for paths that lead nowhere too, with the empty value of its kind.
    """

    __slots__ = ("raw",)

    def __init__(self, raw: Any) -> None:
        self.raw = raw

    def value(self, *path: str | int) -> Any:
        """The JSON value at ``path``, ``None`` if there is none."""
        found = self.raw
        for step in path:
            if isinstance(step, str):
                if not isinstance(found, dict):
                    return None
                found = found.get(step)
            elif isinstance(found, list) and -len(found) <= step < len(found):
                found = found[step]
            else:
                return None
        return found

    def at(self, *path: str | int) -> JsonNode:
        """The value at ``path`` as a node of its own."""
        return JsonNode(self.value(*path))

    def text(self, *path: str | int) -> str:
        """The text at ``path``; a number is written out; anything else is ``""``."""
        found = self.value(*path)
        if isinstance(found, str):
            return found
        if isinstance(found, int | float) and not isinstance(found, bool):
            return str(found)
        return ""

    def number(self, *path: str | int) -> int | float | None:
        """The number at ``path``, ``None`` for anything else."""
        found = self.value(*path)
        if isinstance(found, int | float) and not isinstance(found, bool):
            return found
        return None

    def flag(self, *path: str | int) -> bool:
        """Whether ``path`` holds ``true``."""
        return self.value(*path) is True

    def has(self, *path: str | int) -> bool:
        """Whether anything but ``null`` is at ``path``."""
        return self.value(*path) is not None

    def nodes(self, *path: str | int) -> list[JsonNode]:
        """The elements of the list at ``path``."""
        found = self.value(*path)
        return [JsonNode(element) for element in found] if isinstance(found, list) else []

    def texts(self, *path: str | int) -> list[str]:
        """The texts in the list at ``path``, leaving out whatever in it is no text."""
        found = self.value(*path)
        return [element for element in found if isinstance(element, str)] if isinstance(found, list) else []

    def keys(self, *path: str | int) -> list[str]:
        """The keys of the object at ``path``, in the order they were sent."""
        found = self.value(*path)
        return list(found) if isinstance(found, dict) else []


class MessageReader(JsonNode):
    """A message being read: its body as a :class:`JsonNode`, its topic, and a way to look accounts up."""

    __slots__ = ("accounts", "message")

    def __init__(self, message: Message, accounts: AccountLookup = no_accounts) -> None:
        super().__init__(message.body)
        self.message = message
        self.accounts = accounts

    @property
    def topic(self) -> str:
        """The whole topic."""
        return self.message.topic

    @property
    def title(self) -> str:
        """The topic from its category on, e.g. ``bodhi.update.comment``."""
        return self.message.title

    @property
    def environment(self) -> str:
        """The topic's third part: ``prod``, ``stg`` or ``dev``, ``""`` if it's too short."""
        return self.message.topic.split(".", 3)[2] if self.message.title else ""

    def topic_part(self, position: int) -> str:
        """The part of the title at ``position`` (0 is the category), ``""`` past its end."""
        parts = self.message.title.split(".")
        return parts[position] if -len(parts) <= position < len(parts) else ""

    def account(self, name: str) -> str | None:
        """The account behind a nick or an e-mail address, ``None`` if nobody has it.

        An address at ``fedoraproject.org`` names its account, whatever the directory says.
        """
        local, _, domain = name.partition("@")
        if domain == "fedoraproject.org" and local:
            return local
        return (name and self.accounts(name)) or None
