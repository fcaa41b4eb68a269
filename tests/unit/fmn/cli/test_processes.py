"""The commands that run a process of an installation, before they run one."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from fmn.cli import main


@pytest.mark.parametrize("command", ["worker", "backend", "scheduler"])
def test_refuses_the_memory_of_one_process_as_broker(tmp_path: Path, command: str) -> None:
    # Given settings for fmn up
    config = tmp_path / "small.ini"
    config.write_text("[app:main]\nfmn.broker.url = memory://\n")
    # When somebody starts a process of its own with them
    done = CliRunner().invoke(main, ["--config", str(config), command])
    # Then it says why that can't work, and what can
    assert done.exit_code == 1
    assert done.output == (
        "Error: fmn.broker.url = memory:// is the memory of one process, so this one would have nothing to "
        "do: run fmn up, or set fmn.broker.url to RabbitMQ's address\n")
