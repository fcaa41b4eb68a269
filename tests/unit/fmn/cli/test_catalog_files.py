"""``fmn catalog`` and ``fmn rules`` with files of event types."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fmn.catalog.current import follow_directory
from fmn.catalog.declarative.directory import LEFT_OUT
from fmn.cli import main

#: The file that the documentation explains.
DOCUMENTED = Path(__file__).parents[4] / "docs" / "sources" / "event-types"


def fmn(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(config), *arguments])


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    shutil.copytree(DOCUMENTED, tmp_path / "event-types")
    return tmp_path / "event-types"


@pytest.fixture
def config(tmp_path: Path, directory: Path) -> Iterator[Path]:
    path = tmp_path / "fmn.ini"
    path.write_text(f"[app:main]\nfmn.catalog.directory = {directory}\n")
    yield path
    follow_directory(None)


def test_the_documented_file_is_right(config: Path) -> None:
    for arguments in ((), (str(DOCUMENTED),)):
        result = fmn(config, "catalog", "check-files", *arguments)
        assert (result.output, result.exit_code) == ("1 usable file, 3 event types\n", 0)


def test_problems_have_file_and_line_and_end_in_an_error(config: Path, directory: Path) -> None:
    (directory / "broken.toml").write_text('[application]\ncategory = "x"\ntitle = 3\n')

    result = fmn(config, "catalog", "check-files")

    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"{directory}/broken.toml:1: application.help is missing",
        f"{directory}/broken.toml:1: events is missing",
        f"{directory}/broken.toml:3: application.title must be a text in quotes",
        "1 usable file, 3 event types"]


def edit(file: Path, **changes: str) -> None:
    text = file.read_text()
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    file.write_text(text)


def test_examples_are_worth_a_warning(config: Path, directory: Path) -> None:
    edit(directory / "garden.toml", **{
        'health = "sick"': 'health = "fine"',
        "{gardener.name|Somebody} found {plant.name} well": "{plant.nick}",
        '[events.example]\ngardener = { name = "carol" }\nbeds': "#"})

    result = fmn(config, "catalog", "check-files")

    assert result.exit_code == 0
    warnings = result.output.splitlines()[:-1]
    assert [line.partition("garden.toml:")[2].partition(";")[0] for line in warnings] == [
        "34: warning: the example is taken for 'Plant is well'",
        "53: warning: summary is empty for the example",
        "66: warning: there is no example"]


def test_without_a_directory_one_is_to_be_named(tmp_path: Path) -> None:
    result = fmn(tmp_path / "missing.ini", "catalog", "check-files")
    assert (result.output, result.exit_code) == (
        "Error: name a directory, or set fmn.catalog.directory\n", 1)


def test_they_are_listed_and_shown_like_all_others(config: Path) -> None:
    assert "garden: Plants of the community garden" in fmn(config, "catalog", "list").output
    shown = fmn(config, "catalog", "show", "garden_plant_sick").output
    assert "example   mary found the old moss sick" in shown
    assert "garden_beds_watered" in fmn(config, "rules", "list").output
    assert "garden" not in fmn(config.with_name("missing.ini"), "catalog", "list").output


def test_the_check_of_the_settings_includes_them(config: Path, directory: Path) -> None:
    def results() -> list[str]:
        output = fmn(config, "config", "check", "--offline").output
        return [line.split(maxsplit=2)[2] for line in output.splitlines() if " catalogue " in line]

    assert results() == [f"1 file of event types in {directory} can be used"]
    (directory / "garden.toml").write_text("x = 1")
    told = f"{directory}/garden.toml:1: there is no key x; delete it; {LEFT_OUT}"
    assert told in results()
