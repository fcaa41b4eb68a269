"""The virtual clock: it moves when a run says so. Each reading of it by FMN is a step."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final
from unittest.mock import patch

import dramatiq.common

import fmn.infra.clock

#: What the monotonic clock said in 1970. It's never what the other one says.
MONOTONIC: Final = 1_700_000_000.0


class VirtualClock:
    """Seconds since 1970. ``on_reading`` is called when FMN reads it, ``on_sleep`` when it sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.on_reading: Callable[[], None] = lambda: None

    def now(self, zone: tzinfo | None = None) -> datetime:
        """The time."""
        return datetime.fromtimestamp(self.seconds, zone)

    def turn(self, by: timedelta | float) -> None:
        """Let time pass."""
        self.seconds += by.total_seconds() if isinstance(by, timedelta) else by

    def install(self) -> None:
        """Be the clock of this Python for good. Locks and threads have the real one."""
        virtual = self

        class Moment(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> Any:
                virtual.on_reading()
                return virtual.now(tz)

        def from_fmn() -> bool:
            # pool, log and metrics read it as well; whatever they do with it, nobody but them knows
            return str(sys._getframe(2).f_globals.get("__name__", "")).startswith("fmn.")  # noqa: SLF001

        def wall() -> float:
            if from_fmn():
                virtual.on_reading()
            return virtual.seconds

        def monotonic() -> float:
            if from_fmn():
                virtual.on_reading()
            return virtual.seconds - MONOTONIC

        patch.object(fmn.infra.clock, "datetime", Moment).start()
        patch.object(time, "time", wall).start()
        patch.object(dramatiq.common, "time", wall).start()
        patch.object(time, "monotonic", monotonic).start()
        patch.object(time, "sleep", self._sleep).start()

    def _sleep(self, seconds: float) -> None:
        self.turn(seconds)
        self.on_reading()
