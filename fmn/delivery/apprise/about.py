"""Channel type "apprise", for all processes of FMN. Apprise is imported only where a URL is parsed."""

from __future__ import annotations

from fmn.channels import ChannelType, Proof
from fmn.delivery.apprise.failures import FAILURES
from fmn.delivery.apprise.settings import AppriseSettings
from fmn.settings import Settings
from fmn.translations import mark


def parse_address(text: str, settings: Settings) -> str:
    """Normalize an Apprise URL. Raises :class:`ValueError` for invalid and forbidden ones."""
    from fmn.delivery.apprise.apprise_urls import parse_url  # noqa: PLC0415 - it's slow

    return parse_url(text.strip(), settings)


def mask_address(address: str) -> str:
    """A URL without its secrets."""
    from fmn.delivery.apprise.apprise_urls import mask_url  # noqa: PLC0415 - as above

    return mask_url(address)


ABOUT = ChannelType(
    name="apprise", title=mark("Matrix, chat and push"), icon="messages-square",
    proof=Proof.CODE, parse_address=parse_address,
    label=mark("Apprise URL"), example="ntfys://ntfy.example.org/a-topic-that-nobody-guesses",
    mask=mask_address,
    markup="Markdown", settings=AppriseSettings, failures=FAILURES)
