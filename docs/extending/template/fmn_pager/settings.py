"""Settings of the pager server: ``fmn.pager.*``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fmn.settings import ChannelSettings, Settings
from fmn.settings.field_types import Positive


class PagerSettings(ChannelSettings):
    """The UNIX socket that the pager server listens at, and how many seconds it may take to answer."""

    socket: Path = Path("/run/pager/socket")
    timeout_seconds: Positive = 5

    def conflicts_with(self, settings: Settings) -> Iterator[str]:
        """Deliveries must end before another process may claim them."""
        if settings.delivery.claim_seconds < 3 * self.timeout_seconds:
            yield (
                "fmn.delivery.claim_seconds is too short: "
                "it has to be at least three times as long as fmn.pager.timeout_seconds")
