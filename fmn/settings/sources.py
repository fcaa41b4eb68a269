"""Settings of the spool and of catching up on missed messages."""

from __future__ import annotations

from collections.abc import Iterator

from fmn.settings.field_types import OptionalPath, Positive, PositiveInt, SettingsSection, WebUrl, WordList


class SpoolSettings(SettingsSection):
    """The spool of messages while the database is down; in memory without a directory."""

    directory: OptionalPath = None
    max_megabytes: PositiveInt = 1024


class CatchupSettings(SettingsSection):
    """Sources of messages that FMN missed while it was down; none by default."""

    url: WebUrl = ""
    replay_endpoints: WordList = ()
    timeout_seconds: Positive = 60
    look_again_minutes: Positive = 15

    def conflicts(self) -> Iterator[str]:
        for endpoint in self.replay_endpoints:
            if not endpoint.startswith("tcp://"):
                yield (f"fmn.catchup.replay_endpoints: {endpoint} isn't an address such as "
                       "tcp://app01.example.org:3099")

    @property
    def sources(self) -> tuple[str, ...]:
        """URLs and endpoints of all sources, the archive first."""
        return (*filter(None, [self.url]), *self.replay_endpoints)
