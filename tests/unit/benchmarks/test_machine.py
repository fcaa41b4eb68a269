"""Machines are told apart by what makes them fast, and by nothing that names them."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from benchmarks import machine
from benchmarks.machine import Machine, this_machine


def test_a_machine_has_a_name_for_files() -> None:
    one = Machine(2, "Example(R) CPU @ 2.10GHz", 23, "Debian GNU/Linux 12 (bookworm)")

    assert one.slug == "2-example-r-cpu-2-10ghz-23-debian-gnu-linux-12-bookworm"
    assert str(one) == "2 cores (Example(R) CPU @ 2.10GHz), 23 GiB, Debian GNU/Linux 12 (bookworm)"


def test_this_machine_has_cores_and_memory() -> None:
    found = this_machine()

    assert found.cores >= 1
    assert found.memory_gib >= 1


def test_a_system_that_does_not_describe_itself_has_its_architecture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing() -> dict[str, str]:
        raise OSError

    monkeypatch.setattr(machine, "CPU_INFO", tmp_path / "none")
    monkeypatch.setattr(platform, "freedesktop_os_release", missing)

    assert (this_machine().cpu, this_machine().system) == (platform.machine(), platform.system())
