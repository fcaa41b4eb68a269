"""What the servers that run as processes have in common."""

from __future__ import annotations

import signal
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from tests.servers.processes import Process, ServerError
from tests.servers.waiting import wait_until

#: Seconds until a server is ready: RabbitMQ takes four on an idle machine, tests may have two cores.
START_TIMEOUT = 60.0


class Server(ABC):
    """A server in a directory of its own, on a port that it keeps."""

    #: Asks for an orderly stop.
    stop_signal: ClassVar = signal.SIGTERM

    def __init__(self, directory: Path, port: int) -> None:
        self.directory = directory.resolve()
        self.directory.mkdir(parents=True, exist_ok=True)
        self.port = port
        self._process: Process | None = None

    @abstractmethod
    def _launch(self) -> Process:
        """Start the process; it needn't be ready when this returns."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether the server serves a client."""

    @property
    def pid(self) -> int:
        """The id of its process."""
        assert self._process is not None, "start it first"
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.running

    def launch(self) -> None:
        """Begin to start, without waiting: several servers may come up at once."""
        if not self.running:
            self._process = self._launch()

    def wait_ready(self) -> None:
        """Wait until the launched server serves clients."""
        wait_until(self._ready, START_TIMEOUT, f"{self.directory} doesn't serve clients")

    def _ready(self) -> bool:
        assert self._process is not None, "launch it first"
        if not self._process.running:
            raise ServerError(f"{self.directory} ended while starting: {self._process.end_of_log()}")
        return self._answers()

    def start(self) -> None:
        """Start, and return when clients are served. What an earlier run stored is there again."""
        self.launch()
        self.wait_ready()

    def stop(self) -> None:
        """Stop in order. Nothing happens if it isn't running."""
        if self._process is not None and self._process.running:
            self._process.stop(self.stop_signal)

    def kill(self) -> None:
        """End as a crash would, without any chance to tidy up."""
        if self._process is not None and self._process.running:
            self._process.kill()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Hang until the end of the block: connections stay, and nobody answers."""
        assert self._process is not None, "start it first"
        self._process.send(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send(signal.SIGCONT)

    def restart(self) -> None:
        """Stop in order and start again."""
        self.stop()
        self.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        self.stop()
