"""Channel type "webpush", for all processes of FMN."""

from __future__ import annotations

from fmn.channels import ChannelType, Proof
from fmn.delivery.webpush.failures import FAILURES
from fmn.delivery.webpush.settings import WebPushSettings
from fmn.settings import Settings
from fmn.translations import mark


def parse_address(text: str, settings: Settings) -> str:
    """Normalize a browser's push subscription. Raises :class:`ValueError` for what isn't one."""
    from fmn.delivery.egress.network_policy import NetworkPolicy  # noqa: PLC0415 - it's slow
    from fmn.delivery.webpush.subscriptions import parse_subscription  # noqa: PLC0415 - as above
    from fmn.delivery.webpush.vapid import current_key  # noqa: PLC0415 - as above

    networks = NetworkPolicy.of(settings.egress)
    return parse_subscription(text.strip(), current_key(settings).id, networks).address


def mask_address(address: str) -> str:
    """The browser's name."""
    from fmn.delivery.webpush import subscriptions  # noqa: PLC0415 - as above

    return subscriptions.mask_address(address)


ABOUT = ChannelType(
    name="webpush", title="web push", icon="bell-ring", proof=Proof.CODE, parse_address=parse_address,
    label="Push subscription", input_type="hidden", mask=mask_address, settings=WebPushSettings,
    repair=mark("Enable notifications in that browser again."), failures=FAILURES)
