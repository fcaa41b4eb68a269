from __future__ import annotations

from prometheus_client import REGISTRY, generate_latest

from fmn.infra import metrics


def test_everything_that_is_counted_says_what_it_is() -> None:
    ours = [family for family in REGISTRY.collect() if family.name.startswith("fmn_")]
    assert len(ours) >= 10
    assert all(family.documentation.endswith(".") for family in ours)


def test_everything_can_be_read_by_prometheus() -> None:
    metrics.attempts_failed.labels("email", "channel down").inc(0)
    assert b'fmn_attempts_failed_total{context="email",reason="channel down"}' in generate_latest()
