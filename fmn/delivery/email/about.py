"""Channel type "email", for all processes of FMN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fmn.channels import ChannelCheck, ChannelType, Proof
from fmn.delivery.email.failures import FAILURES
from fmn.delivery.email.settings import EmailSettings
from fmn.people.email_addresses import BAD_DOMAIN, TOO_LONG, EmailAddressError, parse_email_address
from fmn.settings import Settings
from fmn.settings.check_results import CheckResults
from fmn.text import shorten
from fmn.translations import gettext, mark

_NO_ADDRESS: Final = mark("“{address}” isn’t an e-mail address. Write one such as name@example.org.")
#: What is said of addresses that can't be one, by the error's text.
_REFUSED: Final[Mapping[str, str]] = {
    TOO_LONG: mark(
        "“{address}” is longer than an e-mail address may be. Write one such as name@example.org."),
    BAD_DOMAIN: mark(
        "“{address}” has a domain that can’t exist. Write one such as name@example.org.")}


def parse_address(text: str, _settings: Settings) -> str:
    """Normalize a mail address. Raises :class:`ValueError` for one that no mail can be sent to."""
    try:
        return parse_email_address(text.strip()).normalized
    except EmailAddressError as error:
        raise ValueError(gettext(_REFUSED.get(str(error), _NO_ADDRESS)).format(
            address=shorten(text, 100))) from error


def check_server(settings: Settings) -> CheckResults:
    """Whether the mail server accepts a connection and FMN's login."""
    from fmn.delivery.email.checks import check_server  # noqa: PLC0415 - it's slow

    return check_server(EmailSettings.of(settings))


ABOUT = ChannelType(
    name="email", title=mark("e-mail"), icon="mail",
    proof=Proof.LINK, parse_address=parse_address, label=mark("E-mail address"),
    example="name@example.org", markup="HTML", mime_digests=True,
    input_type="email", settings=EmailSettings, checks=(ChannelCheck("mail server", check_server),),
    failures=FAILURES)
