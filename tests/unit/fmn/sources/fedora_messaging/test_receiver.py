from __future__ import annotations

import pytest

from fmn.settings import FedoraMessagingSettings
from fmn.sources.fedora_messaging.parser import Delivery
from fmn.sources.fedora_messaging.receiver import FIRST_DELAY, LONGEST_DELAY, Receiver, delay_after


@pytest.mark.parametrize("failed", [0, 1, 3, 20, 10_000])
def test_delays_grow_up_to_a_limit_and_differ(failed: int) -> None:
    delays = [delay_after(failed) for _ in range(100)]
    longest = min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(failed, 10))
    assert all(longest / 2 <= delay <= longest for delay in delays)
    assert len(set(delays)) > 1


def test_an_acknowledgement_for_a_channel_that_is_gone_is_nothing() -> None:
    receiver = Receiver(FedoraMessagingSettings(urls=("amqp://127.0.0.1:9/",), queue="fmn"), 1_000)
    receiver.acknowledge(Delivery("org.example.oven", b"{}", 2, channel=object(), tag=3))
