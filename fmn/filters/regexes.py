"""User-supplied regular expressions: compiled by RE2, of bounded size, cached in bounded memory.

RE2's time is linear in the text, with the size of the compiled program as factor. So program sizes are
bounded here and budgeted in :mod:`fmn.filters.budgets`, and one search takes a bounded number of steps.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Final

import re2

from fmn.filters.rule_definition import RuleError
from fmn.filters.word_patterns import LINE_END, word_pattern
from fmn.localized import number_text
from fmn.translations import gettext, mark

#: Instructions of one compiled pattern: a list of a thousand package names has 8,000.
MAX_PROGRAM_SIZE: Final = 10_000
#: Instructions times bytes of text of one search. RE2's slowest automaton takes up to 4 ns for each, so a
#: search, which nothing can interrupt, takes 4 s at most. The largest program searches 100 kB.
MAX_SEARCH_STEPS: Final = 1_000_000_000
#: Bytes that compiling may take. It's the least in which the largest program fits.
COMPILE_MEMORY: Final = 1 << 20
#: Bytes that one compiled pattern may take, with the states that RE2 keeps of it: so much, and so much more
#: for each instruction. With less RE2 falls back to its slowest automaton.
MIN_PATTERN_MEMORY: Final = 32 << 10
MEMORY_PER_INSTRUCTION: Final = 300
#: Bytes that all compiled patterns of a process may take. Those that weren't asked longest are compiled again
#: when they are. A worker has 512 MB.
CACHE_BYTES: Final = 96 << 20

#: Before each pattern: repetitions are as short as they can be. Whether there's a match doesn't depend on it,
#: and for patterns such as "a.*" RE2 reads each text only until there's one.
_LAZY: Final = "(?U)"
#: What RE2 says is wrong, before the place.
_MISTAKES: Final = frozenset({
    mark("bad repetition operator"), mark("invalid character class range"), mark("invalid escape sequence"),
    mark("invalid named capture group"), mark("invalid perl operator"), mark("invalid repetition size"),
    mark("missing )"), mark("missing ]"), mark("no argument for repetition operator"), mark("trailing \\"),
    mark("unexpected )")})
#: What it says of a pattern that would take more memory.
_TOO_LARGE: Final = "pattern too large - compile failed"
_ANYWHERE: Final = re2._Anchor.UNANCHORED  # noqa: SLF001
_WHOLE: Final = re2._Anchor.ANCHOR_BOTH  # noqa: SLF001


class TooLongToSearchError(Exception):
    """The text is too long for a pattern of this size."""


class PatternCache:
    """LRU cache of compiled patterns, of ``room`` bytes. Thread-safe."""

    def __init__(self, room: int = CACHE_BYTES) -> None:
        self.room = room
        self.taken = 0
        self._kept: OrderedDict[str, tuple[re2._Regexp[bytes], int]] = OrderedDict()
        self._lock = Lock()

    def compiled(self, text: str, size: int = 0) -> re2._Regexp[bytes]:
        """The compiled pattern, of ``size`` instructions if that's known.

        Raises :class:`~fmn.filters.rule_definition.RuleError`.
        """
        with self._lock:
            if text in self._kept:
                self._kept.move_to_end(text)
                return self._kept[text][0]
        found, memory = _compile_again(text, size) if size else _compile(text)
        with self._lock:
            self._keep(text, found, memory)
        return found

    def _keep(self, text: str, found: re2._Regexp[bytes], memory: int) -> None:
        if text in self._kept:  # another thread was quicker
            return
        self._kept[text] = found, memory
        self.taken += memory
        while self.taken > self.room and len(self._kept) > 1:
            _, (_, given_back) = self._kept.popitem(last=False)
            self.taken -= given_back


PATTERN_CACHE: Final = PatternCache()


class Pattern:
    """A regular expression for UTF-8 texts. ``size`` is the number of instructions of its program.

    Raises :class:`~fmn.filters.rule_definition.RuleError` for one that is invalid or too large.
    """

    __slots__ = ("_words", "size", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._words = word_pattern(text)
        # Words are found without the program, which would only take others' place in the cache.
        program = _compile_in(text, COMPILE_MEMORY) if self._words else PATTERN_CACHE.compiled(text)
        self.size: int = program.programsize

    def search(self, data: bytes) -> bool:
        """Whether it matches anywhere in the text. Raises :class:`TooLongToSearchError`."""
        self._check_length(data)
        if self._words and LINE_END not in data:
            return self._words.found_in(data)
        return _matches(PATTERN_CACHE.compiled(self.text, self.size), _ANYWHERE, data)

    def fullmatch(self, data: bytes) -> bool:
        """Whether it matches the whole text. Raises :class:`TooLongToSearchError`."""
        self._check_length(data)
        return _matches(PATTERN_CACHE.compiled(self.text, self.size), _WHOLE, data)

    def _check_length(self, data: bytes) -> None:
        if self.size * len(data) > MAX_SEARCH_STEPS:
            raise TooLongToSearchError(
                f"a text of {len(data):,} bytes is too long for a pattern of {self.size:,} instructions")


def _matches(pattern: re2._Regexp[bytes], anchor: re2._Anchor, data: bytes) -> bool:
    """Search without the library's objects of matches, which take longer to make than most searches."""
    begin, _ = pattern._regexp.Match(anchor, data, 0, len(data))[0]  # noqa: SLF001
    return bool(begin >= 0)


def _compile(text: str) -> tuple[re2._Regexp[bytes], int]:
    """The compiled pattern and its size in bytes, at most."""
    found = _compile_in(text, COMPILE_MEMORY)
    size: int = found.programsize
    if size > MAX_PROGRAM_SIZE:
        raise RuleError(gettext(
            "the regular expression {text} is too large: it compiles to {size} instructions, and {most} is "
            "the most",
        ).format(text=_shown(text), size=number_text(size), most=number_text(MAX_PROGRAM_SIZE)))
    memory = _memory(size)
    return (found if memory == COMPILE_MEMORY else _compile_in(text, memory)), memory


def _compile_again(text: str, size: int) -> tuple[re2._Regexp[bytes], int]:
    """The same, of a pattern whose size is known."""
    return _compile_in(text, _memory(size)), _memory(size)


def _memory(size: int) -> int:
    return min(COMPILE_MEMORY, MIN_PATTERN_MEMORY + MEMORY_PER_INSTRUCTION * size)


def _compile_in(text: str, memory: int) -> re2._Regexp[bytes]:
    options = re2.Options()
    options.max_mem = memory
    options.log_errors = False
    options.never_capture = True  # nobody asks for groups, and without them programs are a quarter smaller
    try:
        # Not by re2.compile, which keeps the last 128 of whatever size.
        return re2._Regexp(f"{_LAZY}{text}".encode(), options)  # noqa: SLF001
    except re2.error as error:
        said = error.args[0].decode("utf-8", "replace").replace(f": {_LAZY}", ": ", 1)
        what, before, where = said.partition(": ")
        reason = f"{gettext(what) if what in _MISTAKES else what}{before}{where}"
        if said == _TOO_LARGE:
            reason = gettext("it's too large")
        raise RuleError(gettext("the regular expression {pattern} can't be used: {reason}").format(
            pattern=_shown(text), reason=reason)) from None


def _shown(text: str) -> str:
    return repr(text)
