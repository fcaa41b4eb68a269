"""Server processes that can't outlive the tests, however these end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.servers.waiting import wait_until

#: Seconds for an orderly stop, and for the children of a killed process to notice.
STOP_TIMEOUT = 30.0

#: How much of a log a failure shows, in characters from its end.
LOG_SHOWN = 2000

# The kernel signals a child when the *thread* that started it ends, so one thread that lives as long
# as we do starts them all: a test may start a server from a thread of its own.
_starter = ThreadPoolExecutor(1, thread_name_prefix="starts servers")


class ServerError(Exception):
    """A test server can't run, or ended by itself; says why."""


class ServerMissingError(ServerError):
    """A server's program isn't installed."""

    def __init__(self, package: str) -> None:
        super().__init__(f"{package} isn't installed: run `make test`, which installs it on Debian")


class Process:
    """A process of ours; the kernel sends it ``signal_if_orphaned`` when we die without ending it."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
        signal_if_orphaned: signal.Signals = signal.SIGKILL,
    ) -> None:
        self.log = log
        orphaned = ["--pdeathsig", signal_if_orphaned.name.removeprefix("SIG")]
        with log.open("ab") as output:
            self._popen = _starter.submit(
                subprocess.Popen[bytes],
                [*setpriv(user), *orphaned, "--", *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=log.parent,
                env=environment,
                # Ctrl-C in a terminal is for pytest, whose fixtures end us in order.
                start_new_session=True,
            ).result()

    @property
    def pid(self) -> int:
        """Its id: that of the program itself, for setpriv becomes it."""
        return self._popen.pid

    @property
    def running(self) -> bool:
        return self._popen.poll() is None

    def stop(self, with_signal: signal.Signals) -> None:
        """Ask the process to end and wait until it has."""
        self._popen.send_signal(with_signal)
        try:
            self._popen.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ServerError(f"didn't stop within {STOP_TIMEOUT:g} s: {self.end_of_log()}") from None

    def send(self, number: signal.Signals) -> None:
        """Send a signal that doesn't end the process."""
        self._popen.send_signal(number)

    def kill(self) -> None:
        """End the process as a crash would, and wait until its children have ended too."""
        self._popen.send_signal(signal.SIGSTOP)  # from here on it has no more children
        children = _children(self._popen.pid)
        self._popen.kill()
        self._popen.wait()
        wait_until(
            lambda: not any(_parent(child) is not None for child in children),
            STOP_TIMEOUT, "children of a killed server live on")

    def end_of_log(self) -> str:
        """What the process said last."""
        return self.log.read_text(errors="replace")[-LOG_SHOWN:].strip()


def setpriv(user: str | None = None) -> list[str]:
    """The beginning of a command that runs as ``user``, or as who we are."""
    program = shutil.which("setpriv")
    if program is None:
        raise ServerMissingError("util-linux (setpriv)")
    as_user = ["--reuid", user, "--regid", user, "--init-groups"] if user else []
    return [program, *as_user]


def _children(pid: int) -> list[int]:
    processes = [int(entry.name) for entry in os.scandir("/proc") if entry.name.isdigit()]
    return [process for process in processes if _parent(process) == pid]


def _parent(pid: int) -> int | None:
    """The parent of a process, ``None`` if it has ended (one that nobody has waited for, too)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, parent = stat.rpartition(")")[2].split()[:2]
    return None if state in {"Z", "X"} else int(parent)
