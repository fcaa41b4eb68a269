"""Verdict about an installation, which ``fmn status`` and the status page share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fmn.localized import number_text
from fmn.monitoring.system_problems import system_problems
from fmn.monitoring.system_status import SystemStatus, system_status
from fmn.translations import gettext, ngettext
from fmn.wiring import Services


@dataclass(frozen=True)
class Verdict:
    """A status with the problems found in it, each without its first capital and its full stop."""

    status: SystemStatus
    problems: Sequence[str]

    @property
    def headline(self) -> str:
        """``No problems``, or how many there are."""
        number = len(self.problems)
        if not number:
            return gettext("No problems")
        return ngettext("{n} problem", "{n} problems", number).format(n=number_text(number))

    @property
    def sentences(self) -> Sequence[str]:
        """The problems as sentences."""
        return [f"{problem[:1].upper()}{problem[1:]}." for problem in self.problems]


def verdict(services: Services, now: datetime) -> Verdict:
    """Read the status and judge it. Takes a few seconds at most, whichever server is away."""
    status = system_status(services, now)
    return Verdict(status, list(system_problems(status, services.settings)))
