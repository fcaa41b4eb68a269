"""Channel type "webhook", for all processes of FMN."""

from __future__ import annotations

from fmn.channels import ChannelType, Proof
from fmn.delivery.egress.failures import FAILURES
from fmn.delivery.webhook.settings import WebhookSettings
from fmn.delivery.webhook.signing import webhook_secret
from fmn.settings import Settings
from fmn.translations import mark


def parse_address(text: str, settings: Settings) -> str:
    """Normalize a URL. Raises :class:`ValueError` for what nothing can be sent to."""
    from fmn.delivery.egress.network_policy import NetworkPolicy  # noqa: PLC0415 - it's slow
    from fmn.delivery.egress.web_urls import parse_url  # noqa: PLC0415 - as above

    return parse_url(text.strip(), NetworkPolicy.of(settings.egress))


def mask_address(address: str) -> str:
    """A URL without its secrets."""
    from fmn.delivery.egress import web_urls  # noqa: PLC0415 - as above

    return web_urls.mask_address(address)


def secret(settings: Settings, preference_id: int, address: str) -> str:
    """The secret with which an address's owner verifies requests."""
    return webhook_secret(settings.web.secret, preference_id, address)


ABOUT = ChannelType(
    name="webhook", title=mark("web hook"), icon="webhook",
    proof=Proof.CODE, parse_address=parse_address, label="URL",
    example="https://hooks.example.org/fmn", mask=mask_address, input_type="url",
    secret=secret, settings=WebhookSettings, failures=FAILURES)
