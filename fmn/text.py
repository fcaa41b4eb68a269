"""Text for people, made of what messages hold: one line or several, never more than one can take in."""

from __future__ import annotations

from collections.abc import Iterable

#: Titles and the like are cut to this many characters where they're part of a sentence.
TITLE_LENGTH = 72
#: A sentence names this many things; the rest is counted.
SERIES_LENGTH = 3


#: Left out of what people read: control characters other than white space, halves of surrogate pairs,
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
    """The text on one line: white space made single spaces, characters nobody can see left out."""
    return " ".join(text.translate(UNWANTED).split())


def lines(text: str) -> str:
    """The text with its lines kept, without characters nobody can see and blank lines around it."""
    return "\n".join(line.rstrip() for line in text.translate(UNWANTED).splitlines()).strip("\n")


def shorten(text: str, length: int = TITLE_LENGTH) -> str:
    """The text on one line, cut after ``length`` characters, if possible between words."""
    text = one_line(text)
    if len(text) <= length:
        return text
    kept = text[: length - 1]
    return f"{kept.rpartition(' ')[0] or kept}…"


def quoted(text: str) -> str:
    """Somebody's words as part of a sentence, ``""`` for none."""
    return f'"{shorten(text)}"' if text.strip() else ""


def first_line(text: str) -> str:
    """What a commit message or a comment begins with."""
    return text.strip().partition("\n")[0].strip()


def join_series(items: Iterable[str], most: int = SERIES_LENGTH) -> str:
    """``a``, ``a and b``, ``a, b and c``, and past ``most`` of them ``a, b, c and 4 more``."""
    named = [item for item in items if item]
    if len(named) > most:
        named = [*named[:most], f"{len(named) - most} more"]
    return " and ".join(filter(None, [", ".join(named[:-1]), *named[-1:]]))


def pluralize(number: float, thing: str, things: str = "") -> str:
    """``1 commit``, ``3 commits``, ``2.5 hours``; the plural takes an s unless it's given."""
    shown = f"{number:g}" if isinstance(number, float) else number
    return f"{shown} {thing}" if number == 1 else f"{shown} {things or f'{thing}s'}"


def bullets(items: Iterable[str]) -> str:
    """One item a line, each behind a dash."""
    return "\n".join(f"- {item}" for item in items if item)


def capital(text: str) -> str:
    """The text with a capital in front; the rest stays as it is."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """The text with a capital in front, and with a full stop unless it ends a sentence by itself."""
    return f"{capital(text)}{'' if text.endswith(('.', '?', '!')) else '.'}"


def labelled(**values: str) -> str:
    """One value a line, each behind its label; those without a value are left out."""
    return "\n".join(f"{label.replace('_', ' ')}: {value}" for label, value in values.items() if value)


def paragraphs(*parts: str) -> str:
    """The parts that have any text, a blank line between them."""
    return "\n\n".join(part.strip("\n") for part in parts if part.strip())


def split_list(text: str) -> list[str]:
    """The values of an argument that lists several, separated by commas."""
    return [value.strip() for value in text.split(",") if value.strip()]
