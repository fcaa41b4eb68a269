"""Safe access to message bodies: missing values and wrong types read as empty, and never raise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fmn.catalog.message import Message

#: Look-up of the account of a nick or an e-mail address; ``None`` if unknown.
AccountLookup = Callable[[str], str | None]


def no_accounts(_name: str) -> str | None:
    """Look-up that knows no accounts."""
    return None


class JsonNode:
    """A JSON value with safe access by path.

    A path is any number of object keys and list indexes: ``node.text("update", "user", "name")``. A path that
    leads nowhere gives the empty value of a method's type.
    """

    __slots__ = ("raw",)

    def __init__(self, raw: Any) -> None:
        self.raw = raw

    def value(self, *path: str | int) -> Any:
        """The JSON value at ``path``; ``None`` without one."""
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
        """The value at ``path`` as a node."""
        return JsonNode(self.value(*path))

    def text(self, *path: str | int) -> str:
        """The text at ``path``; a number as text; ``""`` for anything else."""
        found = self.value(*path)
        if isinstance(found, str):
            return found
        if isinstance(found, int | float) and not isinstance(found, bool):
            return str(found)
        return ""

    def number(self, *path: str | int) -> int | float | None:
        """The number at ``path``; ``None`` for anything else."""
        found = self.value(*path)
        if isinstance(found, int | float) and not isinstance(found, bool):
            return found
        return None

    def flag(self, *path: str | int) -> bool:
        """Whether the value at ``path`` is ``true``."""
        return self.value(*path) is True

    def has(self, *path: str | int) -> bool:
        """Whether there is a value other than ``null`` at ``path``."""
        return self.value(*path) is not None

    def nodes(self, *path: str | int) -> list[JsonNode]:
        """The elements of the list at ``path``."""
        found = self.value(*path)
        return [JsonNode(element) for element in found] if isinstance(found, list) else []

    def texts(self, *path: str | int) -> list[str]:
        """The texts in the list at ``path``; other elements are skipped."""
        found = self.value(*path)
        return [element for element in found if isinstance(element, str)] if isinstance(found, list) else []

    def keys(self, *path: str | int) -> list[str]:
        """The keys of the object at ``path``, in their order."""
        found = self.value(*path)
        return list(found) if isinstance(found, dict) else []


class MessageReader(JsonNode):
    """Reader of a message: its body as a :class:`JsonNode`, its topic, and a look-up of accounts."""

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
        """The topic's third part: ``prod``, ``stg`` or ``dev``; ``""`` without one."""
        return self.message.topic.split(".", 3)[2] if self.message.title else ""

    def topic_part(self, position: int) -> str:
        """The part of the title at ``position`` (0 is the category); ``""`` past its end."""
        parts = self.message.title.split(".")
        return parts[position] if -len(parts) <= position < len(parts) else ""

    def account(self, name: str) -> str | None:
        """The account of a nick or an e-mail address; ``None`` if unknown.

        An address at ``fedoraproject.org`` names its account, whatever the directory says.
        """
        local, _, domain = name.partition("@")
        if domain == "fedoraproject.org" and local:
            return local
        return (name and self.accounts(name)) or None
