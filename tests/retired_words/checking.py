"""Finds retired words in code, docs, templates and tests."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

LIST: Final = Path(__file__).parent / "words.txt"
#: Excuses its line: a name that users or a database rely on.
KEPT: Final = "# kept:"
FOLDERS: Final = ("fmn", "webapp", "alembic", "benchmarks", "deploy", "docs", "tests")
ENDINGS: Final = frozenset({
    ".py", ".mako", ".js", ".css", ".rst", ".txt", ".ini", ".cfg", ".toml", ".yml", ".yaml", ".j2", ".sh",
    ".json"})
# Migrations tell what was; others' messages say what they say; the list names the words itself.
HISTORY: Final = ("alembic/versions/", "docs/_build/", "tests/messages/", "tests/fuzz/corpus/",
                  "tests/retired_words/words.txt")


def read_list(path: Path) -> dict[str, str]:
    """Retired words with their replacements.

    A line is ``retired -> replacement``; ``#`` begins a comment. A retired word is matched as a whole word,
    with upper and lower case as written.

    :raises ValueError: names the line that isn't of this form
    """
    words = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        word, arrow, replacement = (part.strip() for part in line.partition("->"))
        if not (word and arrow and replacement):
            msg = f"{path}:{number}: write `retired -> replacement`"
            raise ValueError(msg)
        words[word] = replacement
    return words


def find_retired(project: Path, words: dict[str, str]) -> Iterator[str]:
    """A sentence for each place below ``project`` where one of ``words`` is: file, line, replacement."""
    for path in _files(project):
        name, text = path.relative_to(project).as_posix(), path.read_text()
        # To look for each word by itself is faster than for all at each character, and most files have few.
        found = [word for word in words if word in text]
        if not found:
            continue
        pattern = re.compile(
            r"(?<!\w)(?:" + "|".join(map(re.escape, sorted(found, key=len, reverse=True))) + r")(?!\w)")
        for number, line in enumerate(text.splitlines(), 1):
            if KEPT in line:
                continue
            for match in pattern.finditer(line):
                yield f'{name}:{number}: "{match[0]}" is retired. Write "{words[match[0]]}".'


def _files(project: Path) -> Iterator[Path]:
    candidates = [path for path in project.iterdir() if path.is_file()]
    for folder in FOLDERS:
        candidates += (project / folder).rglob("*")
    for path in sorted(candidates):
        name = path.relative_to(project).as_posix()
        if path.suffix in ENDINGS and path.is_file() and not name.startswith(
                HISTORY) and name != "CHANGELOG.rst":
            yield path
