"""Forms of chat and push services: fields that people know, from which Apprise's URL is made.

A service is one entry of :mod:`fmn.delivery.apprise.chat_services`. Each field has a pattern, whose named
groups are the parts of the URL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from fmn.translations import gettext

#: Parts that a pattern's optional groups leave out, and what stands in their places: TLS, and the usual port.
_DEFAULTS: Final[Mapping[str, str]] = {"s": "s"}
#: Characters of a field, before anything else is looked at.
MAX_LENGTH: Final = 500


@dataclass(frozen=True)
class ServiceField:
    """A field of a form. ``problem`` is the sentence for text that doesn't fit the ``pattern``.

    ``label``, ``hint`` and ``problem`` are marked for translation. ``value`` is what the field has at first.
    """

    name: str
    label: str
    pattern: re.Pattern[str]
    problem: str
    example: str = ""
    hint: str = ""
    value: str = ""
    required: bool = True

    def parts(self, text: str) -> Mapping[str, str] | None:
        """The parts of a URL that the text has, ``None`` if it doesn't fit."""
        if not text and not self.required:
            return dict.fromkeys(self.pattern.groupindex, "")
        found = self.pattern.fullmatch(text) if len(text) <= MAX_LENGTH else None
        return None if found is None else {
            name: _DEFAULTS.get(name, "") if part is None else part
            for name, part in found.groupdict().items()}


@dataclass(frozen=True)
class ChatService:
    """A service: its tile, the steps to get an address there, its form, and how Apprise's URL is made.

    It's offered if one of its ``schemes`` is allowed. ``icon`` is one of the web app's, ``""`` where there is
    none: its first letter stands for it. ``steps`` and ``line`` are marked for translation.
    """

    key: str
    title: str
    line: str
    schemes: Collection[str]
    steps: tuple[str, ...]
    fields: tuple[ServiceField, ...]
    url: Callable[[Mapping[str, str]], str]
    icon: str = ""

    def problems(self, typed: Mapping[str, str]) -> Mapping[str, str]:
        """What's wrong with typed text: a sentence for each field concerned."""
        return {
            field.name: gettext(field.problem) if typed.get(field.name) else gettext("Fill in this field.")
            for field in self.fields if field.parts(typed.get(field.name, "")) is None}

    def address(self, typed: Mapping[str, str]) -> str:
        """Apprise's URL of typed text in which nothing is wrong."""
        parts: dict[str, str] = {}
        for field in self.fields:
            parts |= field.parts(typed.get(field.name, "")) or {}
        return self.url(parts)
