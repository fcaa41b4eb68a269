"""Settings of the IRC network, FMN's nick there and its rate: ``fmn.irc.*``."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, field_validator

from fmn.settings import ChannelSettings, Settings
from fmn.settings.field_types import LOOPBACK, OptionalPath, Positive, PositiveInt, Secret

#: RFC 2812 section 2.3.1, but for the length: 9 there, up to 30 on today's networks.
IRC_NICK = re.compile(r"[A-Za-z\[\]\\`_^{|}][A-Za-z0-9\[\]\\`_^{|}-]{0,29}", re.ASCII)
#: Lines of a delivery on IRC at most: a screen full, and what can be said while it's claimed.
MAX_IRC_LINES = 40


def _one_word(value: str) -> str:
    if not value.isascii() or not value.isprintable() or len(value.split()) != 1:
        raise ValueError("it has to be one word of ASCII characters")
    return value


class IrcSettings(ChannelSettings):
    """The IRC network, FMN's nick and login there, and the rate of lines.

    ``ownership`` is the question that ``nickserv`` answers: ``acc`` (Atheme) or ``status`` (Anope).
    """

    host: str = "127.0.0.1"
    port: PositiveInt = 6697
    security: Literal["none", "tls"] = "tls"
    ca_file: OptionalPath = None
    nick: str = "fmn"
    username: Annotated[str, AfterValidator(_one_word)] = "fmn"
    realname: str = "FMN"
    sasl_username: str = ""
    sasl_password: Secret = ""
    nickserv: Annotated[str, AfterValidator(_one_word)] = "NickServ"
    nickserv_password: Secret = ""
    ownership: Literal["acc", "status"] = "acc"
    lines_per_second: Positive = 1
    burst: PositiveInt = 4
    timeout_seconds: Positive = 10
    offline: Literal["keep", "drop"] = "keep"
    offline_hours: Positive = 24

    @field_validator("nick")
    @classmethod
    def _is_a_nick(cls, value: str) -> str:
        if not IRC_NICK.fullmatch(value):
            raise ValueError("it can't be a nick on IRC")
        return value

    @field_validator("realname", "sasl_username", "sasl_password", "nickserv_password")
    @classmethod
    def _fits_in_a_line(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("it has characters that a line on IRC can't hold")
        return value

    def conflicts(self) -> Iterator[str]:
        if bool(self.sasl_username) != bool(self.sasl_password):
            yield "fmn.irc.sasl_username and fmn.irc.sasl_password are set together or not at all"
        if self.sasl_username and self.nickserv_password:
            yield "fmn.irc.nickserv_password and fmn.irc.sasl_password do the same: set one"
        is_secret = self.sasl_password or self.nickserv_password
        if is_secret and self.security == "none" and self.host not in LOOPBACK:
            yield "the password in fmn.irc would travel in the clear: say fmn.irc.security = tls"

    def of_partition(self, partition: int) -> Self:
        """The settings of a partition, which has a nick of its own: fmn, fmn-2, fmn-3 and so on."""
        return self.model_copy(update={"nick": f"{self.nick}-{partition + 1}"}) if partition else self

    def seconds_for(self, lines: int) -> float:
        """Seconds at most until so many lines are sent and acknowledged.

        Half of what is said are questions whether who's there is the owner, pings, and answers to others.
        """
        return (2 * lines + 5) / self.lines_per_second + 2 * self.timeout_seconds

    def conflicts_with(self, settings: Settings) -> Iterator[str]:
        last = self.of_partition(settings.delivery.partition_counts.get("irc", 1) - 1).nick
        if not IRC_NICK.fullmatch(last):
            yield f"fmn.irc.nick is too long for fmn.delivery.partitions: {last} can't be a nick on IRC"
        # A delivery is begun with two thirds of its claim left; connecting may take as long as an answer.
        needed = 1.5 * (self.seconds_for(MAX_IRC_LINES) + self.timeout_seconds)
        if "irc" in settings.delivery.channels and settings.delivery.claim_seconds < needed:
            yield (
                f"fmn.delivery.claim_seconds is too short: it has to be at least {math.ceil(needed)} with "
                "these fmn.irc.lines_per_second and fmn.irc.timeout_seconds")
