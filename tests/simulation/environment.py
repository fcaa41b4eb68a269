"""What all runs of this Python share: FMN's code as it's imported once, on simulated ground."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from fmn.delivery.contract import Channel
from fmn.infra import broker
from fmn.infra.cache import MemoryCache
from fmn.infra.db import Database
from fmn.settings import CONFIG_VARIABLE, Settings
from fmn.wiring import Services
from tests.factories.databases import tables_in
from tests.simulation.broker import publish_to
from tests.simulation.clock import VirtualClock
from tests.simulation.sqlite import LEDGER, Storage
from tests.simulation.virtual_processes import ProcessDied
from tests.simulation.workloads import BEGIN, PER_EVENT, populate

#: The names of the processes of a run.
NAMES: Final = ("A", "B")
SETTINGS: Final = """
[app:main]
fmn.database.url = sqlite:///{folder}/{ledger}
fmn.broker.url = memory://
fmn.delivery.channels = email webhook
fmn.delivery.chunk = 6
fmn.bus.validate_signatures = false
fmn.bus.batch_messages = 4
fmn.spool.directory = {folder}
fmn.flood.per_event = {per_event}
fmn.web.secret = not a secret at all, for this is a simulation
fmn.log.level = error
"""


class SimulatedServices(Services):
    """What a simulated process works with: FMN's own, but for the channels."""

    def __init__(self, settings: Settings, database: Database, channels: Mapping[str, Channel]) -> None:
        super().__init__(settings)
        self.__dict__.update(database=database, channels=channels, cache=MemoryCache())


class Site:
    """FMN in this Python: its clock, its SQLite and its broker are simulated ones from now on, for good.

    ``publish`` and ``services`` are what the current run makes of them.
    """

    publish: Callable[[Any, int | None], None]
    services: Callable[[], Services]

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = VirtualClock()
        self.clock.seconds = BEGIN.timestamp()
        self.storage = Storage(folder)
        #: What FMN logged as errors.
        self.errors: list[str] = []
        self.clock.install()
        self.actors: Any = self._import()
        self.settings: Settings = self.actors.services().settings
        self.actors.services = lambda: self.services()  # noqa: PLW0108 - each run has its own
        logging.getLogger().handlers = [_Errors(self.errors)]
        self._ledger = self._populated()
        self.storage.install()
        # Kept, for preparing statements takes longer than all that a run does.
        self.databases = {name: Database(self.settings.database.url) for name in NAMES}

    def _import(self) -> Any:
        config = self.folder / "fmn.ini"
        config.write_text(
            SETTINGS.format(folder=self.folder, ledger=LEDGER, per_event=PER_EVENT), encoding="utf-8")
        os.environ[CONFIG_VARIABLE] = str(config)
        actors = import_module("fmn.actors")
        publish_to(actors.broker, lambda message, delay: self.publish(message, delay))  # noqa: PLW0108 - as above
        # Tasks are enqueued from a thread of their own, which would take no part in the turns.
        patch.object(broker, "_enqueuer", lambda _queue: _AtOnce()).start()
        return actors

    def _populated(self) -> bytes:
        with tables_in(self.settings.database.url) as database:
            populate(database)
            with database.autocommit_connection() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return (self.folder / LEDGER).read_bytes()

    def move(self, folder: Path) -> None:
        """Go on in another folder, in a fork."""
        self.storage.move(folder)
        self.folder = folder

    def reset(self) -> None:
        """Let everything be as it was in the beginning."""
        for database in self.databases.values():
            database.close()
        self.storage.close()
        for path in self.folder.glob("*.sqlite*"):
            path.unlink()
        (self.folder / LEDGER).write_bytes(self._ledger)
        self.clock.seconds = BEGIN.timestamp()
        self.errors.clear()


class _AtOnce:
    """Sends tasks in the thread of whoever has them."""

    def send(self, send: Callable[[], object]) -> None:
        send()


class _Errors(logging.Handler):
    """Collects what FMN logs as errors."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._errors = errors

    def emit(self, record: logging.LogRecord) -> None:
        reason = record.exc_info[1] if record.exc_info else None
        if not isinstance(reason, ProcessDied):  # which dramatiq calls an error
            self._errors.append(f"{record.name}: {record.getMessage()} {reason or ''}")
