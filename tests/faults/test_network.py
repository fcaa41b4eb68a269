"""The network is cut: packets vanish, and nobody is told that a connection is gone."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Sequence

import pytest

from tests.faults.loaded_installation import BOTH_IN_HAND, GIVEN_UP, IN_HAND, Site
from tests.faults.network import Network
from tests.faults.process_roles import (
    BACKENDS,
    CONSUMERS,
    SCHEDULERS,
    TWO_OF_EVERYTHING,
    WORKERS,
    active_backend,
    leader,
)

#: Seconds of a cut that connections live through, and of one that they don't.
SHORT, LONG = 2, GIVEN_UP

Choose = Callable[[Site], Sequence[str]]
Port = Callable[[Site], int]


def all_of(*names: str) -> Choose:
    return lambda _site: names


def the_active_backend(site: Site) -> Sequence[str]:
    return [active_backend(site.installation)]


def the_leader(site: Site) -> Sequence[str]:
    return [leader(site.installation)]


def postgresql(site: Site) -> int:
    return site.machinery.postgresql.port


def rabbitmq(site: Site) -> int:
    return site.machinery.rabbitmq.port


def redis(site: Site) -> int:
    return site.machinery.redis.port


def smtp(site: Site) -> int:
    return site.smtp.port


CUTS = [
    ("consumers from PostgreSQL", all_of(*CONSUMERS), postgresql, 0),
    ("workers from PostgreSQL", all_of(*WORKERS), postgresql, 0),
    ("backends from PostgreSQL", all_of(*BACKENDS), postgresql, BOTH_IN_HAND),
    ("leading scheduler from PostgreSQL", the_leader, postgresql, 0),
    ("workers from RabbitMQ", all_of(*WORKERS), rabbitmq, 0),
    ("active backend from RabbitMQ", the_active_backend, rabbitmq, 0),
    ("backends from RabbitMQ", all_of(*BACKENDS), rabbitmq, 0),
    ("consumers and schedulers from RabbitMQ", all_of(*CONSUMERS, *SCHEDULERS), rabbitmq, 0),
    ("backends from the mail server", all_of(*BACKENDS), smtp, BOTH_IN_HAND),
    ("everybody from Redis", all_of(*TWO_OF_EVERYTHING), redis, 0),
]


@pytest.mark.parametrize("seconds", [SHORT, LONG])
@pytest.mark.parametrize(("what", "choose", "port", "in_doubt"), CUTS, ids=[cut[0] for cut in CUTS])
def test_cut(
    site: Site, wire: Network, what: str, choose: Choose, port: Port, in_doubt: int, seconds: int,
) -> None:
    with site.suffering(f"{what} cut off for {seconds} s") as case:
        hosts = site.hosts_of(*choose(site))
        with case.happening(in_doubt=in_doubt), wire.cut(hosts, port(site)):
            time.sleep(seconds)
    site.wait_until_ready()


@pytest.mark.short
def test_a_network_changes_no_address_of_this_machine(wire: Network) -> None:
    wire.add_host()

    shown = json.loads(subprocess.check_output(["ip", "-json", "address"]))
    ours = [device for device in shown if device["ifname"].startswith(f"fmn{os.getpid()}")]
    assert len(ours) >= 2
    assert [device["addr_info"] for device in ours] == [[]] * len(ours)


@pytest.mark.short
def test_a_host_vanishes(site: Site, wire: Network) -> None:
    # Given the host of the backend that delivers
    with site.suffering(f"host of the active backend cut off for {LONG} s") as case:
        [host] = site.hosts_of(active_backend(site.installation))
        ports = [port(site) for port in (postgresql, rabbitmq, redis, smtp)]
        with case.happening(in_doubt=IN_HAND), wire.cut([host], *ports):
            time.sleep(LONG)
    site.wait_until_ready()
