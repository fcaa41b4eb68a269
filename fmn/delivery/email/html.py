"""The HTML part of a mail."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib import resources
from typing import Any

from mako.template import Template

from fmn.delivery.email.letters import Letter, Way
from fmn.delivery.email.notices import Notice
from fmn.delivery.email.paragraphs import is_laid_out
from fmn.delivery.email.sections import Section
from fmn.delivery.notes import KNOWN_NOTES, SHORTENED, Note, minute


def whole(letter: Letter) -> str:
    """The part of a mail with one notification."""
    return _told(letter.note.impersonal) + _render("ending", letter=letter)


@lru_cache(KNOWN_NOTES)
def _told(note: Note) -> str:
    return _render("beginning", when=minute(note.sent_at), **_shown(note))


def notice(notice: Notice) -> str:
    """The part of a mail that is about no notification."""
    return _render("notice", notice=notice)


def digest(letter: Letter, sections: str) -> str:
    """The part of a digest around its ``sections``, which are markup."""
    return _render("digest", letter=letter, sections=sections)


def opening(section: Section) -> str:
    """What stands before the notifications of a section, as markup."""
    return _render("opening", section=section) if section.is_group else ""


def listed(section: Section, note: Note) -> str:
    """One notification of a section, as markup."""
    if section.is_group:
        return _render("member", when=section.when(note), **_shown(note))
    return _render("alone", when=minute(note.sent_at), **_shown(note))


def closing(section: Section, inbox: Way) -> str:
    """What stands behind the notifications of a section, as markup."""
    return _render("closing", section=section, inbox=inbox) if section.is_group else ""


def _shown(note: Note) -> dict[str, Any]:
    return {
        "note": note,
        "laid_out": any(is_laid_out(line) for line in note.long.split("\n")),
        "shortened": SHORTENED,
    }


def _render(part: str, **values: Any) -> str:
    return str(_part(part).render(**values)).strip() + "\n"


@cache
def _part(name: str) -> Any:
    return _template().get_def(name)


@cache
def _template() -> Template:
    source = resources.files(__package__).joinpath("templates/mail.mako").read_text("utf-8")
    # The standard library's escape makes plain text, which takes a fraction of the time of Mako's own.
    return Template(  # noqa: S702 - everything is escaped
        source, imports=["from html import escape"], default_filters=["escape"], strict_undefined=True)
