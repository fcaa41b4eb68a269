"""Text helpers for what people read: cleaning, shortening, lists, plurals and sentences."""

from __future__ import annotations

from collections.abc import Iterable

#: Characters of a title within a sentence; the rest is cut.
TITLE_LENGTH = 72
#: Items that a sentence names; the rest is counted.
SERIES_LENGTH = 3


#: Removed from text that people read: control characters other than white space, halves of surrogate pairs,
#: and the marks that turn the direction of writing around, which can make a text look like another one.
UNWANTED = dict.fromkeys(
    code
    for first, last in (
        (0x00, 0x08), (0x0E, 0x1B), (0x1F, 0x1F), (0x7F, 0x84), (0x86, 0x9F),
        (0x202A, 0x202E), (0x2066, 0x2069), (0xD800, 0xDFFF),
    )
    for code in range(first, last + 1)
)


def one_line(text: str) -> str:
    """The text on one line, with single spaces and without invisible characters."""
    return " ".join(text.translate(UNWANTED).split())


def lines(text: str) -> str:
    """The text with its lines, without invisible characters and surrounding blank lines."""
    return "\n".join(line.rstrip() for line in text.translate(UNWANTED).splitlines()).strip("\n")


def shorten(text: str, length: int = TITLE_LENGTH) -> str:
    """The text on one line, cut after ``length`` characters, if possible between words."""
    text = one_line(text)
    if len(text) <= length:
        return text
    kept = text[: length - 1]
    return f"{kept.rpartition(' ')[0] or kept}…"


def quoted(text: str) -> str:
    """The text in quotation marks, shortened; ``""`` for blank text."""
    return f'"{shorten(text)}"' if text.strip() else ""


def first_line(text: str) -> str:
    """The first line of a commit message or a comment."""
    return text.strip().partition("\n")[0].strip()


def join_series(items: Iterable[str], most: int = SERIES_LENGTH) -> str:
    """English list of the items: ``a and b``, ``a, b and c``, above ``most`` items ``a, b, c and 4 more``."""
    named = [item for item in items if item]
    if len(named) > most:
        named = [*named[:most], f"{len(named) - most} more"]
    return " and ".join(filter(None, [", ".join(named[:-1]), *named[-1:]]))


def pluralize(number: float, thing: str, things: str = "") -> str:
    """Number and noun: ``1 commit``, ``3 commits``, ``2.5 hours``. The plural has an s by default."""
    shown = f"{number:g}" if isinstance(number, float) else number
    return f"{shown} {thing}" if number == 1 else f"{shown} {things or f'{thing}s'}"


def bullets(items: Iterable[str]) -> str:
    """The items as a list with dashes, one per line."""
    return "\n".join(f"- {item}" for item in items if item)


def capital(text: str) -> str:
    """The text with its first letter capitalised."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """The text as a sentence: capitalised, with a full stop unless it ends in ``.``, ``?`` or ``!``."""
    return f"{capital(text)}{'' if text.endswith(('.', '?', '!')) else '.'}"


def labelled(**values: str) -> str:
    """Lines of ``label: value``, without empty values."""
    return "\n".join(f"{label.replace('_', ' ')}: {value}" for label, value in values.items() if value)


def paragraphs(*parts: str) -> str:
    """The parts joined by blank lines, without empty ones."""
    return "\n\n".join(part.strip("\n") for part in parts if part.strip())


def split_list(text: str) -> list[str]:
    """The values of a comma-separated list."""
    return [value.strip() for value in text.split(",") if value.strip()]
