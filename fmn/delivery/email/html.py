"""The HTML part of a mail."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from mako.template import Template

from fmn.delivery.email.letters import Letter
from fmn.delivery.email.paragraphs import is_laid_out
from fmn.delivery.notes import SHORTENED, Note, minute


def whole(letter: Letter) -> str:
    """The part of a mail with one notification."""
    note = letter.notes[0]
    return _render("whole", letter=letter, note=note, **_shown(note))


def digest(letter: Letter, entries: str) -> str:
    """The part of a digest around its ``entries``, which are markup."""
    return _render("digest", letter=letter, entries=entries)


def entry(note: Note) -> str:
    """One notification in a digest, as markup."""
    return _render("entry", note=note, **_shown(note))


def _shown(note: Note) -> dict[str, Any]:
    return {
        "when": minute(note.sent_at),
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
    return Template(source, default_filters=["h"], strict_undefined=True)  # noqa: S702 - "h" escapes
