"""Line splitting: texts as lines that fit into a ``PRIVMSG``. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

#: Bytes of a line's text. A whole line has 512 (RFC 2812 section 2.3), and the server that passes it on puts
#: before the text who says it to whom: a nick of up to 30 bytes, a user name of 10, a host of 63, and if
#: it's said to a channel, 64.
LONGEST_LINE = 512 - len(":!~@ PRIVMSG  :\r\n") - 30 - 10 - 63 - 64


def wrap_words(words: Iterable[str]) -> Sequence[str]:
    """Wrap words into lines of at most :data:`LONGEST_LINE` bytes."""
    lines: list[str] = []
    for piece in (piece for word in words for piece in _pieces(word)):
        if lines and size(lines[-1]) + len(" ") + size(piece) <= LONGEST_LINE:
            lines[-1] += f" {piece}"
        else:
            lines.append(piece)
    return lines


def limit_lines(lines: Sequence[str], most: int, ending: str) -> Sequence[str]:
    """The lines, or the first ``most`` of them with ``ending`` as the last."""
    return lines if len(lines) <= most else [*lines[:most - 1], ending]


def size(text: str) -> int:
    """Size of a text in bytes."""
    return len(text.encode())


def _pieces(word: str) -> Iterator[str]:
    """Split a word that is longer than a line, between characters."""
    while word:
        piece = word.encode()[:LONGEST_LINE].decode(errors="ignore")
        yield piece
        word = word[len(piece):]
