from __future__ import annotations

from pathlib import Path

import pytest

from fmn.plugins import plugins


def test_those_of_the_group_are_found() -> None:
    assert {"email", "irc", "sse"} <= plugins("fmn.channels").names
    assert not plugins("fmn.nobody-brings-these").names


def test_a_package_that_comes_later_is_found_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given that they have been read
    before = plugins("fmn.channels").names

    # When another package comes
    metadata = tmp_path / "pigeons-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: pigeons\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text("[fmn.channels]\npigeon = pigeons\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    # Then its channel is there
    assert plugins("fmn.channels").names - before == {"pigeon"}
