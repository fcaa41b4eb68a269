"""What all of FMN knows of web hooks."""

from __future__ import annotations

from fmn.channels import ChannelType, Proof
from fmn.delivery.egress.network_policy import Networks
from fmn.delivery.webhook.signing import secret_of
from fmn.delivery.webhook.webhook_urls import read_url, shown
from fmn.settings import Settings


def read_address(text: str, settings: Settings) -> str:
    """A URL as it's kept. Raises :class:`ValueError` for what nothing can be sent to."""
    return read_url(text.strip(), Networks.of(settings.egress))


def secret(settings: Settings, preference_id: int, address: str) -> str:
    """The secret that its owner verifies with what's sent to an address."""
    return secret_of(settings.web.secret, preference_id, address)


ABOUT = ChannelType(
    name="webhook", title="web hook", proof=Proof.CODE, read_address=read_address, label="URL",
    example="https://hooks.example.org/fmn", shown=shown, typed="url",
    secret=secret)
