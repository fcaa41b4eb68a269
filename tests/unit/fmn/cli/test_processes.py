"""The commands that run a process of an installation, before they run one."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner

from fmn.cli import main
from fmn.cli.processes import stop_on_signals

STOPS: Final = (signal.SIGTERM, signal.SIGINT)


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


@pytest.fixture
def _handlers() -> Iterator[None]:
    """The handlers of pytest are there again afterwards."""
    before = {number: signal.getsignal(number) for number in STOPS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.timeout(60)
@pytest.mark.usefixtures("_handlers")
@pytest.mark.parametrize("number", STOPS)
def test_a_signal_counts_that_comes_while_the_event_is_in_use(number: signal.Signals) -> None:
    stop = stop_on_signals()
    # As in the handler of one just before: make and a terminal send one each
    with stop._cond:  # type: ignore[attr-defined]  # noqa: SLF001 - its lock
        signal.raise_signal(number)

    assert stop.wait(30)
