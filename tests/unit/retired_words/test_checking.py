"""Retired words: `make lint` refuses them, with what to write instead."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.retired_words.checking import LIST, find_retired, read_list

PROJECT: Final = Path(__file__).parents[3]
WORDS: Final = {"old_name": "new_*", "OldError": "NewError"}


def plant(project: Path, name: str, text: str) -> None:
    path = project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", [
    "fmn/people/accounts.py", "webapp/templates/home.mako", "webapp/static/editor.js", "alembic/env.py",
    "benchmarks/costs.py", "deploy/ansible/site.yml", "docs/how-to/install.rst",
    "tests/unit/test_environment.py", "README.rst", "production.ini", "setup.cfg"])
def test_a_planted_word_is_found_with_its_replacement(tmp_path: Path, name: str) -> None:
    plant(tmp_path, name, "first line\nsecond, raise OldError here\n")

    assert list(find_retired(tmp_path, WORDS)) == [
        f'{name}:2: "OldError" is retired. Write "NewError".']


@pytest.mark.parametrize("name", [
    "CHANGELOG.rst", "alembic/versions/0001_first.py", "tests/messages/bodhi.json",
    "tests/fuzz/corpus/one.json", "tests/retired_words/words.txt", "docs/_build/html/index.txt",
    "docs/pictures/inbox.png", "var/log.txt"])
def test_history_and_what_others_wrote_may_have_it(tmp_path: Path, name: str) -> None:
    plant(tmp_path, name, "raise OldError\n")

    assert list(find_retired(tmp_path, WORDS)) == []


@pytest.mark.parametrize("text", [
    "old_name_later", "_old_name", "OldErrors", "olderror", "old name"])
def test_only_the_whole_word_is_meant(tmp_path: Path, text: str) -> None:
    plant(tmp_path, "fmn/text.py", text)

    assert list(find_retired(tmp_path, WORDS)) == []


def test_a_line_may_say_that_the_name_is_kept(tmp_path: Path) -> None:
    plant(tmp_path, "fmn/text.py", 'COLUMN = "old_name"  # kept: the column in people\'s databases\n')

    assert list(find_retired(tmp_path, WORDS)) == []


def test_each_place_is_told(tmp_path: Path) -> None:
    plant(tmp_path, "fmn/text.py", "old_name(OldError)\nold_name()\n")

    assert [place.split('"')[1] for place in find_retired(tmp_path, WORDS)] == [
        "old_name", "OldError", "old_name"]


@pytest.mark.parametrize("line", ["old_name", "old_name ->", "-> render"])
def test_a_line_of_the_list_that_says_less_is_refused(tmp_path: Path, line: str) -> None:
    plant(tmp_path, "words.txt", f"# a comment\n\n{line}\n")

    with pytest.raises(ValueError, match=r"words.txt:3: write `retired -> replacement`"):
        read_list(tmp_path / "words.txt")


def test_no_replacement_is_retired_itself() -> None:
    words = read_list(LIST)

    assert {*words} & {*words.values()} == set()


def check(project: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.retired_words"], cwd=project, env={"PYTHONPATH": str(PROJECT)},
        capture_output=True, text=True, check=False)


def test_the_command_fails_for_a_project_with_a_retired_word(tmp_path: Path) -> None:
    [word, replacement] = next(iter(read_list(LIST).items()))
    plant(tmp_path, "fmn/planted.py", f"{word}()\n")

    done = check(tmp_path)

    assert done.returncode == 1
    assert done.stdout == f'fmn/planted.py:1: "{word}" is retired. Write "{replacement}".\n'


def test_the_command_succeeds_for_a_project_without(tmp_path: Path) -> None:
    plant(tmp_path, "fmn/planted.py", "deliver()\n")

    done = check(tmp_path)

    assert (done.returncode, done.stdout) == (0, "")
