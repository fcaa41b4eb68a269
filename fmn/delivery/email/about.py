"""What all of FMN knows of e-mail."""

from __future__ import annotations

from fmn.channels import ChannelType, Proof
from fmn.people.email_addresses import MailboxError, read_mailbox
from fmn.settings import Settings
from fmn.text import shorten


def read_address(text: str, _settings: Settings) -> str:
    """A mailbox as it's kept. Raises :class:`ValueError` for what no mail can be sent to."""
    try:
        return read_mailbox(text.strip()).kept
    except MailboxError as error:
        why = str(error).replace("'", "’")
        raise ValueError(f"“{shorten(text, 100)}” {why}. Write one such as name@example.org.") from error


ABOUT = ChannelType(
    name="email", title="e-mail", proof=Proof.LINK, read_address=read_address, label="E-mail address",
    example="name@example.org", markup="HTML", mime_digests=True,
    typed="email")
