"""Pages of the documentation that code, settings and playbooks mention are there."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).parents[3]
DOCS: Final = PROJECT / "docs"
#: Where somebody is told to read a page.
TELLING: Final = [
    path for pattern in (
        "*.rst", "*.ini", "*.cfg", "deploy/**/*.yml", "deploy/**/*.j2", "fmn/**/*.py", "webapp/**/*.py",
        "webapp/**/*.mako", "tests/**/*.py")
    for path in PROJECT.glob(pattern) if path.name != "CHANGELOG.rst"]
#: ``docs/how-to/install``, with or without ``.rst``; a decision by its number.
MENTION: Final = re.compile(r"(?<![\w/.])docs/([a-z][\w/-]*)(?![\w/-]|\.(?!rst)\w)")
MOVED: Final[dict[str, str]] = runpy.run_path(str(DOCS / "conf.py"))["moved_pages"]
#: Messages of the bus and paths of tests that look the same.
NOT_OURS: Final = frozenset({"moss"})


def is_there(name: str) -> bool:
    return (
        name in MOVED or name in NOT_OURS or (DOCS / f"{name}.rst").is_file() or (DOCS / name).is_dir()
        or any(DOCS.glob(f"{name}-*.rst")))


def test_every_page_that_is_mentioned_is_there() -> None:
    mentions = {
        (name, path.relative_to(PROJECT)) for path in TELLING
        for name in MENTION.findall(path.read_text(encoding="utf-8"))}

    assert {"how-to/install", "reference/alerts"} <= {name for name, _ in mentions}
    assert [f"{path}: docs/{name}" for name, path in sorted(mentions) if not is_there(name.rstrip("/"))] == []
