"""The catalogue of a process that follows a directory of files."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from fmn.catalog import Catalog, catalog
from fmn.catalog.current import (
    CHECK_SECONDS,
    ApplicationTitles,
    FollowedCatalog,
    catalog_problems,
    follow_directory,
    installed_catalog,
)
from fmn.catalog.declarative.directory import LEFT_OUT, MAX_FILES
from fmn.filters.rule_types import follow_event_types, rule_types

FILE = """
[application]
category = "{category}"
title = "The {category}"
help = "Plants."

[[events]]
topics = "{category}.plant"
title = "Plant"
help = "A plant."
summary = "{summary}"
"""


class Followed:
    """A followed directory, and a clock that moves on with each look at it."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.time = directory, 0.0
        #: How long ago something seems to have been changed just now.
        self.idle = 0.0
        self.catalog = FollowedCatalog(
            Catalog([]), directory, {"user_filter"}, lambda: self.time, lambda: time.time() + self.idle)

    def write(self, category: str = "garden", summary: str = "A plant", name: str = "garden.toml") -> None:
        (self.directory / name).write_text(FILE.format(category=category, summary=summary))

    def look(self) -> None:
        """Look often enough for a change to count."""
        for _ in range(3):
            self.time += CHECK_SECONDS
            self.catalog.current()

    @property
    def summaries(self) -> list[str]:
        known = self.catalog.current().catalog
        return [known.describe(event.example_message()).summary for event in known.event_types()]

    @property
    def problems(self) -> list[str]:
        return [str(each).removeprefix(f"{self.directory}/") for each in self.catalog.current().problems]


@pytest.fixture
def followed(tmp_path: Path) -> Followed:
    return Followed(tmp_path)


def test_a_new_a_changed_and_a_deleted_file_count_without_a_restart(followed: Followed) -> None:
    assert followed.summaries == []

    followed.write(summary="One")
    followed.look()
    assert followed.summaries == ["One"]

    followed.write(summary="Two")
    followed.look()
    assert followed.summaries == ["Two"]

    (followed.directory / "garden.toml").unlink()
    followed.look()
    assert followed.summaries == []


def test_a_file_that_is_being_written_counts_once_it_rests(followed: Followed) -> None:
    for summary in ("Half", "Hal", "Ha"):
        followed.write(summary=summary)
        followed.time += CHECK_SECONDS
        assert followed.summaries == []
    followed.look()
    assert followed.summaries == ["Ha"]


def test_a_process_that_had_nothing_to_do_sees_an_older_change_at_once(followed: Followed) -> None:
    followed.write()
    followed.time = followed.idle = 3_600.0
    assert followed.summaries == ["A plant"]


def test_the_last_good_version_stays_while_a_file_is_broken(followed: Followed) -> None:
    followed.write(summary="Good")
    followed.look()
    before = followed.catalog.current().catalog

    with capture_logs() as logged:
        followed.write(summary="{broken")
        followed.look()

    assert followed.catalog.current().catalog is before
    assert followed.problems == [
        ("garden.toml:11: summary: a { has no counterpart; a brace itself is written {{; "
        "until then the version before stays in use")]
    assert {"file of event types can't be used"} < {each["event"] for each in logged}

    followed.write(summary="Mended")
    followed.look()
    assert (followed.summaries, followed.problems) == (["Mended"], [])


def test_a_file_that_is_broken_at_the_start_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("[application")
    (tmp_path / "garden.toml").write_text(FILE.format(category="garden", summary="Good"))
    followed = Followed(tmp_path)

    assert followed.summaries == ["Good"]
    (problem,) = followed.problems
    assert problem.startswith("broken.toml:1: this isn't TOML: ")
    assert problem.endswith(f"; {LEFT_OUT}")


def test_the_second_of_two_files_for_one_category_is_left_out(followed: Followed) -> None:
    followed.write(name="a.toml", summary="First")
    followed.write(name="b.toml", summary="Second")
    followed.look()

    assert followed.summaries == ["First"]
    assert followed.problems == [
        f"b.toml:3: two applications claim the category 'garden'; choose another name; {LEFT_OUT}"]


def test_what_is_no_file_is_a_problem_and_what_is_not_ours_is_none(followed: Followed) -> None:
    (followed.directory / "folder.toml").mkdir()
    (followed.directory / "lost.toml").symlink_to("nowhere")
    (followed.directory / ".hidden.toml").write_text("{")
    (followed.directory / "README").write_text("{")
    followed.look()

    assert [each.partition(";")[0] for each in followed.problems] == [
        "folder.toml: it isn't a regular file", "lost.toml: it isn't a regular file"]


def test_there_is_an_end_to_the_number_of_files(followed: Followed) -> None:
    for number in range(MAX_FILES + 1):
        followed.write(f"garden{number}", name=f"{number:03}.toml")
    followed.look()

    assert len(followed.summaries) == MAX_FILES
    assert followed.problems == [
        f"{MAX_FILES:03}.toml: the file is left out: 100 files are the most; put applications together"]


def test_a_directory_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    followed = Followed(missing)
    assert [str(each) for each in followed.catalog.current().problems] == [
        f"{missing}: there is no such directory; create it, or correct fmn.catalog.directory"]

    missing.mkdir()
    followed.write()
    followed.look()
    assert (followed.summaries, followed.problems) == (["A plant"], [])


class TestTheProcess:
    @pytest.fixture(autouse=True)
    def follow(self, tmp_path: Path) -> Iterator[None]:
        (tmp_path / "garden.toml").write_text(FILE.format(category="garden", summary="A plant"))
        (tmp_path / "user.toml").write_text(FILE.format(category="bodhi", summary="A plant"))
        follow_event_types(tmp_path)
        yield
        follow_directory(None)

    def test_files_are_in_the_catalogue_and_their_rules_among_the_rules(self) -> None:
        assert catalog().events_by_name["garden_plant"].title == "Plant"
        assert {"garden_plant", "garden_catchall"} <= rule_types().by_name.keys()
        assert ApplicationTitles()["garden"] == "The garden"
        assert len(ApplicationTitles()) == len(list(ApplicationTitles())) == len(catalog().applications)

    def test_built_in_applications_come_first(self) -> None:
        (problem,) = catalog_problems()
        assert "the category 'bodhi' is FMN's own; choose another one" in str(problem)

    def test_without_a_directory_there_are_the_installed_ones(self) -> None:
        follow_directory(None)
        assert catalog() is installed_catalog()
        assert "garden_plant" not in rule_types().by_name
        assert catalog_problems() == ()
