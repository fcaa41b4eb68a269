"""The command ``python benchmarks/neighbour.py``, for a moment."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from benchmarks import abusive_user, end_to_end, neighbour, reporting
from tests.system.installation import SharedServers


# A whole installation starts, beside whatever else this machine has to do.
@pytest.mark.timeout(600)
def test_measures_how_long_others_wait(
    tmp_path: Path, shared_servers: SharedServers, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # The benchmark starts servers of its own; those of the session are there already.
    servers = end_to_end.PrivateServers(
        shared_servers.database_url, shared_servers.rabbitmq, shared_servers.redis)
    monkeypatch.setattr(end_to_end, "private_servers", lambda _directory: nullcontext(servers))
    monkeypatch.setattr(reporting, "RESULTS", tmp_path)
    monkeypatch.setattr(neighbour, "PEOPLE", 20)
    monkeypatch.setattr(neighbour, "WARM_UP", 5)
    # What one may have at most takes a minute to find out.
    monkeypatch.setattr(abusive_user, "REPETITIONS", (10,))
    monkeypatch.setattr(abusive_user, "RULES", (2,))
    monkeypatch.setattr(sys, "argv", ["neighbour.py", "--seconds", "1", "--filters", "2"])

    assert neighbour.main() == 0

    kept = {each["name"]: each for each in json.loads((tmp_path / "neighbour.json").read_text("utf-8"))}
    for what in ("publish to SMTP", "page loads"):
        alone, beside = (f"{what}: others' 99th percentile {how}" for how in ("alone", "beside an adversary"))
        assert {kept[name]["unit"] for name in (alone, beside)} == {"ms"}
        assert kept[beside]["against"] == alone
        assert kept[beside]["ratio"] > 0
    # And the adversary has been at every door, and was refused
    told = capsys.readouterr().err
    for door in ("preview", "search", "write", "undo", "import", "export", "page", "stranger", "stream"):
        assert f"  {door}: " in told
    assert ": 429: " in told
