"""Settings of what keeps messages from getting lost on their way from the bus into the ledger."""

from __future__ import annotations

from collections.abc import Iterator

from fmn.settings.field_types import OptionalPath, Positive, PositiveInt, SettingsSection, WebUrl, WordList


class SpoolSettings(SettingsSection):
    """Where messages wait while the database is away, and how many; without a directory, in memory."""

    directory: OptionalPath = None
    max_megabytes: PositiveInt = 1024


class CatchupSettings(SettingsSection):
    """Whom to ask for what FMN missed while it was away; nobody, unless somebody is named."""

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
        """Everybody who can be asked, the archive first."""
        return (*filter(None, [self.url]), *self.replay_endpoints)
