"""Settings of the mail server and of the headers of mails: ``fmn.email.*``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from fmn.settings import ChannelSettings, Settings
from fmn.settings.check_results import SECURITY, SETTINGS, CheckResults, warning
from fmn.settings.field_types import LOOPBACK, OptionalPath, Positive, PositiveInt, Secret

#: Octets of a bounce address before the @: 64 in all, less a delimiter, a number, a hyphen and a signature.
MAX_BOUNCE_NAME = 27
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+", re.ASCII)


class EmailSettings(ChannelSettings):
    """The mail server, the sender and limits of mails."""

    host: str = "127.0.0.1"
    port: PositiveInt = 25
    security: Literal["none", "starttls", "tls"] = "none"
    username: str = ""
    password: Secret = ""
    ca_file: OptionalPath = None
    sender: str = "notifications@localhost.localdomain"
    sender_name: str = "FMN"
    envelope_sender: str = ""
    bounce_address: str = ""
    recipient_delimiter: Literal["+", "-", "=", "_"] = "+"
    list_id: str = "fmn.localhost.localdomain"
    subject_prefix: str = ""
    timeout_seconds: Positive = 30
    connections: PositiveInt = 8
    max_body_bytes: Annotated[int, Field(ge=100_000)] = 500_000

    @field_validator("sender", "envelope_sender", "bounce_address")
    @classmethod
    def _is_an_address(cls, value: str, info: ValidationInfo) -> str:
        empty_is_fine = info.field_name != "sender"
        if not (value == "" and empty_is_fine) and not _ADDRESS.fullmatch(value):
            raise ValueError("it isn't an e-mail address of ASCII characters, such as fmn@example.org")
        return value

    @field_validator("sender_name", "list_id", "subject_prefix")
    @classmethod
    def _fits_in_a_header(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("it has characters that a mail's header can't hold")
        return value

    def conflicts(self) -> Iterator[str]:
        local, _, _ = self.bounce_address.rpartition("@")
        if len(local) > MAX_BOUNCE_NAME or self.recipient_delimiter in local:
            yield (
                f"fmn.email.bounce_address can have {MAX_BOUNCE_NAME} characters before the @ at most, "
                f"and no {self.recipient_delimiter}: each mail adds that, its number and a signature")
        if self.username and self.security == "none" and self.host not in LOOPBACK:
            yield ("fmn.email.password would travel in the clear: "
                   "say fmn.email.security = starttls or tls, or leave fmn.email.username empty")

    def conflicts_with(self, settings: Settings) -> Iterator[str]:
        # A delivery is begun with two thirds of its claim left; the server may take twice its time.
        if settings.delivery.claim_seconds < 3 * self.timeout_seconds:
            yield (
                "fmn.delivery.claim_seconds is too short: "
                "it has to be at least three times as long as fmn.email.timeout_seconds")

    def check(self, settings: Settings) -> CheckResults:
        if self.security == "none" and self.host not in LOOPBACK:
            yield warning(SECURITY, "fmn.email.security = none: mails aren't encrypted on the way to "
                          f"{self.host}: say starttls")
        used = "email" in settings.delivery.channels
        if used and self.sender.endswith("localdomain") and self.host not in LOOPBACK:
            yield warning(
                SETTINGS, f"fmn.email.sender = {self.sender}: mail servers refuse mails from there")
        if self.username and not self.password:
            yield warning(SETTINGS, "fmn.email.username is set, and fmn.email.password isn't")
        if self.password and not self.username:
            yield warning(
                SETTINGS, "fmn.email.password is set, and fmn.email.username isn't: FMN doesn't log in")
