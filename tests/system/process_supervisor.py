"""Processes that are kept running, as systemd would: what dies is tidied up and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.processes import setpriv
from tests.servers.waiting import wait_until

#: Seconds between two looks at what has died: systemd waits 0.1 s before it starts a service again.
LOOK_EVERY = 0.1
#: Seconds that a process has for an orderly stop.
STOP_TIMEOUT = 15.0
#: Becomes the leader of a process group, runs a command in it, and ends all of it when told or orphaned.
KEEPER = 'trap "kill -KILL 0" TERM; "$@" & wait $!'


class Program:
    """A command of ours with its children, in a process group of its own that ends with us."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.log = log
        self.wanted = False
        self.starts = 0
        self.started_at = datetime.max.replace(tzinfo=UTC)
        self._command = command
        self._environment = environment
        self._keeper: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._keeper is not None and self._keeper.poll() is None

    @property
    def main(self) -> int:
        """The process that was started. Raises :class:`ProcessLookupError` if it isn't running."""
        return self._only_child(self._keeper.pid if self._keeper else 0)

    @property
    def child(self) -> int:
        """The process in which dramatiq does the work. Raises :class:`ProcessLookupError`."""
        return self._only_child(self.main)

    def _only_child(self, parent: int) -> int:
        children = children_of(parent)
        if len(children) != 1:
            raise ProcessLookupError(f"{self.name} has {len(children)} processes below {parent}")
        return children[0]

    def start(self) -> None:
        """Start; the thread that calls it has to live as long as the process."""
        self.starts += 1
        self.started_at = datetime.now(UTC)
        with self.log.open("ab") as output:
            self._keeper = subprocess.Popen(
                [*setpriv(), "--pdeathsig", "TERM", "--", "bash", "-c", KEEPER, self.name, *self._command],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                cwd=self.log.parent, env=self._environment, start_new_session=True)

    def signal_all(self, number: signal.Signals) -> None:
        """Send a signal to every process of it at once."""
        if self._keeper is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._keeper.pid, number)

    def stop(self) -> None:
        """Stop in order, as systemd does with ``KillMode=mixed``."""
        with suppress(ProcessLookupError):
            os.kill(self.main, signal.SIGTERM)
        with suppress(TimeoutError):
            wait_until(lambda: not self.running, STOP_TIMEOUT, f"{self.name} doesn't stop")
        self.tidy_up()

    def tidy_up(self) -> None:
        """End what is left of it."""
        self.signal_all(signal.SIGKILL)
        if self._keeper is not None:
            self._keeper.wait()

    def last_said(self, text: str) -> datetime:
        """When it last said something, by its log; long ago if never."""
        said = next((line for line in reversed(self._lines_of_log()) if text in line), "")
        with suppress(ValueError):
            return datetime.fromisoformat(said.partition(" ")[0])
        return datetime.min.replace(tzinfo=UTC)

    def end_of_log(self, lines: int = 40) -> str:
        """What it said last."""
        return "\n".join(self._lines_of_log()[-lines:])

    def _lines_of_log(self) -> list[str]:
        return self.log.read_text(errors="replace").splitlines() if self.log.exists() else []


class Supervisor:
    """Keeps programs running until it's told otherwise."""

    def __init__(self) -> None:
        self.programs: dict[str, Program] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)

    def add(self, program: Program) -> Program:
        """Have the program running from now on."""
        program.wanted = True
        with self._lock:
            self.programs[program.name] = program
        return program

    def stop(self, program: Program) -> None:
        """Stop a program in order, and leave it stopped."""
        program.wanted = False
        program.stop()

    def _run(self) -> None:
        while not self._stop.wait(LOOK_EVERY):
            with self._lock:
                programs = list(self.programs.values())
            for program in programs:
                if program.wanted and not program.running:
                    program.tidy_up()
                    program.start()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        stopping = [threading.Thread(target=self.stop, args=[program]) for program in self.programs.values()]
        for thread in stopping:
            thread.start()
        for thread in stopping:
            thread.join()
        self._stop.set()
        self._thread.join()


def children_of(parent: int) -> list[int]:
    """The living children of a process."""
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with suppress(FileNotFoundError, ProcessLookupError):
                state, its_parent = Path(entry.path, "stat").read_text().rpartition(")")[2].split()[:2]
                if int(its_parent) == parent and state not in {"Z", "X"}:
                    found.append(int(entry.name))
    return found
