"""Options of mails: those of the installation, and the parts that a reader wants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType

from fmn.delivery.email import html, plain
from fmn.delivery.email.settings import EmailSettings
from fmn.delivery.signed_links import Links
from fmn.people.preferences import Presentation

#: The modules that write a mail's parts: plain text and, for who wants it, HTML.
Parts = tuple[ModuleType, ...]


@dataclass(frozen=True, slots=True)
class MailOptions:
    """Options of all mails of an installation. ``applications`` are the applications' titles by category."""

    settings: EmailSettings
    links: Links
    applications: Mapping[str, str]


def parts_of(presentation: Presentation) -> Parts:
    """The modules that write the parts of a mail."""
    return (plain, html) if presentation.markup else (plain,)
