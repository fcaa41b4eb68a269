"""Settings of Matrix, chat and push: ``fmn.apprise.*``."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import field_validator

from fmn.settings import ChannelSettings, Settings
from fmn.settings.field_types import Positive, WordList

#: What Apprise can reach that isn't a service by HTTP: this machine itself, files of it, or connections that
#: nobody guards (see docs/decisions/0024).
_UNFIT_APPRISE_SCHEMES = frozenset({
    "amqp", "amqps", "aprs", "blink1", "dbus", "deltachat", "deltachats", "fcm", "gio", "glib", "gnome",
    "growl", "irc", "ircs", "kde", "macosx", "mailto", "mailtos", "mqtt", "mqtts", "nostr", "qt", "rsyslog",
    "smpp", "smpps", "syslog", "vapid", "windows", "xmpp", "xmpps",
})


class AppriseSettings(ChannelSettings):
    """Services that people may use by their Apprise URLs, and the time-out of a delivery."""

    schemes: WordList = (
        "matrix", "matrixs", "slack", "discord", "tgram", "ntfy", "ntfys", "gotify", "gotifys", "mmost",
        "mmosts", "rocket", "rockets", "zulip", "gchat", "workflows", "wxteams", "pover", "mastodon",
        "mastodons", "signal", "signals")
    timeout_seconds: Positive = 30

    @field_validator("schemes")
    @classmethod
    def _are_fit(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if unfit := _UNFIT_APPRISE_SCHEMES.intersection(value):
            raise ValueError(f"{', '.join(sorted(unfit))} can't be guarded: name services that speak HTTP")
        return value

    def conflicts_with(self, settings: Settings) -> Iterator[str]:
        delivery = settings.delivery
        if "apprise" in delivery.channels and delivery.claim_seconds < 3 * self.timeout_seconds:
            yield (
                "fmn.delivery.claim_seconds is too short: "
                "it has to be at least three times as long as fmn.apprise.timeout_seconds")
