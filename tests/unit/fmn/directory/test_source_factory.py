"""Which sources the settings name."""

from __future__ import annotations

from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from fmn.directory import DirectoryPart, DirectorySource, NoDirectory, open_directory, source_factory
from fmn.directory.fasjson import FasjsonSource
from fmn.directory.file import FileSource
from fmn.directory.pagure import PagureSource
from fmn.directory.source_factory import sources_from
from fmn.infra.cache import MemoryCache
from fmn.settings import DirectorySettings, SettingsError, settings_from


class Launchpad:
    """A source that another package might bring."""

    def __init__(self, settings: DirectorySettings) -> None:
        self.settings = settings

    def fetch(self) -> DirectoryPart:
        return DirectoryPart(groups={"kde": ["carol"]})


@pytest.fixture
def launchpad(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package with a directory named ``launchpad``."""
    installed = EntryPoint(name="launchpad", value=f"{__name__}:Launchpad", group="fmn.directory")
    monkeypatch.setattr(EntryPoint, "load", lambda _: Launchpad)
    for module in ("fmn.settings.sections", "fmn.directory.source_factory"):
        monkeypatch.setattr(f"{module}.plugins", lambda _group: EntryPoints([installed]))


def kinds(settings: DirectorySettings) -> list[type[DirectorySource]]:
    return [type(source) for source in sources_from(settings)]


def test_nothing_is_named_unless_somebody_does() -> None:
    assert kinds(DirectorySettings()) == [NoDirectory]


def test_ownership_and_accounts_may_come_from_two(tmp_path: Path) -> None:
    assert kinds(DirectorySettings(ownership="pagure", accounts="fasjson")) == [PagureSource, FasjsonSource]


def test_a_file_for_both_is_read_once(tmp_path: Path) -> None:
    settings = DirectorySettings(ownership="file", accounts="file", file=tmp_path / "people.json")

    assert kinds(settings) == [FileSource]


@pytest.mark.usefixtures("launchpad")
def test_an_installed_package_may_bring_one() -> None:
    settings = settings_from({"fmn.directory.ownership": "launchpad"}).directory

    assert kinds(settings) == [Launchpad, NoDirectory]
    assert open_directory(settings, MemoryCache()).current().groups == {"kde": {"carol"}}


@pytest.mark.usefixtures("launchpad")
def test_a_mistyped_name_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(SettingsError) as error:
        settings_from({"fmn.directory.accounts": "launchpd"})

    assert str(error.value) == (
        "the settings: fmn.directory.accounts = 'launchpd' can't be used: "
        "there are fasjson, file, launchpad, none")


def test_what_is_built_in_needs_no_entry_point() -> None:
    assert set(source_factory.BUILT_IN) == {"none", "file", "pagure", "fasjson"}


def test_a_cache_that_is_none_is_refused() -> None:
    with pytest.raises(SettingsError, match="must begin with memory:// or redis://"):
        settings_from({"fmn.cache.url": "memcached://localhost"})
