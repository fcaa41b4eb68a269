"""Channel type "email", for all processes of FMN."""

from __future__ import annotations

from fmn.channels import ChannelCheck, ChannelType, Proof
from fmn.delivery.email.settings import EmailSettings
from fmn.people.email_addresses import EmailAddressError, parse_email_address
from fmn.settings import Settings
from fmn.settings.check_results import CheckResults
from fmn.text import shorten


def parse_address(text: str, _settings: Settings) -> str:
    """Normalize a mail address. Raises :class:`ValueError` for one that no mail can be sent to."""
    try:
        return parse_email_address(text.strip()).normalized
    except EmailAddressError as error:
        why = str(error).replace("'", "’")
        raise ValueError(f"“{shorten(text, 100)}” {why}. Write one such as name@example.org.") from error


def check_server(settings: Settings) -> CheckResults:
    """Whether the mail server accepts a connection and FMN's login."""
    from fmn.delivery.email.checks import check_server  # noqa: PLC0415 - it's slow

    return check_server(EmailSettings.of(settings))


ABOUT = ChannelType(
    name="email", title="e-mail", icon="mail",
    proof=Proof.LINK, parse_address=parse_address, label="E-mail address",
    example="name@example.org", markup="HTML", mime_digests=True,
    input_type="email", settings=EmailSettings, checks=(ChannelCheck("mail server", check_server),))
