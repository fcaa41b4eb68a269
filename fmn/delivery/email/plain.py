"""The plain text part of a mail."""

from __future__ import annotations

from fmn.delivery.email.letters import Letter
from fmn.delivery.email.paragraphs import is_laid_out, wrapped
from fmn.delivery.notes import SHORTENED, Note, minute

#: What mail programs take for the start of a signature (RFC 3676 section 4.3): they set it apart, and
#: leave it out of answers. The blank at its end belongs to it.
_SIGNATURE = "-- "
#: Entries of a digest are set in, below a bullet.
_BULLET = "* "
_INDENT = "  "


def whole(letter: Letter) -> str:
    """The part of a mail with one notification."""
    note = letter.notes[0]
    when = f"{note.application} ({note.title}), {minute(note.sent_at)}"
    return _page(_paragraphs(note, ""), _footer(letter, when))


def digest(letter: Letter, entries: str) -> str:
    """The part of a digest around its ``entries``."""
    return _page(
        f"{letter.headline}, {letter.period}\n{wrapped(', '.join(letter.shares))}\n",
        entries.removesuffix("\n"),
        f"{letter.remainder} {letter.inbox.label}:\n{letter.inbox.link}\n" if letter.left_out else "",
        _footer(letter),
    )


def entry(note: Note) -> str:
    """One notification in a digest."""
    told = _BULLET + _paragraphs(note, _INDENT).removeprefix(_INDENT)
    about = f"{note.application}, {minute(note.sent_at)}, {note.filter_name}"
    return f"{told}\n{wrapped(about, _INDENT)}\n{_INDENT}Why: {note.why}\n\n"


def _page(*blocks: str) -> str:
    return "\n".join(block for block in blocks if block)


def _paragraphs(note: Note, indent: str) -> str:
    head = [wrapped(note.summary, indent), *([indent + note.link] if note.link else [])]
    rest = [f"{indent}{SHORTENED}:", indent + note.why]
    text = [*_text(note.long, indent), *(rest if note.cut else [])]
    return "\n".join([*head, *([""] if text else []), *text, ""])


def _text(text: str, indent: str) -> list[str]:
    if not text:
        return []
    return [f"{indent}{line}" if is_laid_out(line) else wrapped(line, indent) if line else ""
            for line in text.split("\n")]


def _footer(letter: Letter, *first: str) -> str:
    said = [*first, letter.because]
    done = [f"{way.label}: {way.link}" for way in letter.ways]
    return "\n".join([_SIGNATURE, *(wrapped(line) for line in said), *done, ""])
