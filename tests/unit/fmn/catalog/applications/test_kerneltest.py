from __future__ import annotations

import pytest

from fmn.catalog import Package
from fmn.catalog.accounts_in_messages import avatar
from tests.messages import described, facts

KERNELTEST = "https://apps.fedoraproject.org/kerneltest"
TEST = {"kernel_version": "6.19.4-200.fc44.x86_64", "result": "PASS", "failed_tests": "None"}


def test_a_result_concerns_the_tester_and_the_kernel() -> None:
    known = facts("kerneltest.upload.new", {"agent": "mary", "test": TEST})
    told = described("kerneltest.upload.new", {"agent": "mary", "test": TEST})

    assert known.agent == "mary"
    assert known.usernames == {"mary"}
    assert known.packages == {Package("rpms", "kernel")}
    assert told.summary == "mary tested the kernel 6.19.4-200.fc44.x86_64: PASS"
    assert told.link == f"{KERNELTEST}/kernel/6.19.4-200.fc44.x86_64"
    assert told.secondary_icon == avatar("mary")
    assert told.long == "Kernel: 6.19.4-200.fc44.x86_64\nResult: PASS"


def test_failed_tests_are_named() -> None:
    body = {"agent": "mary", "test": {"result": "FAIL", "failed_tests": "paxtest"}}

    assert described("kerneltest.upload.new", body).long == "Result: FAIL\nFailed: paxtest"


@pytest.mark.parametrize(("title", "release", "said"), [
    ("kerneltest.release.new", {"releasenum": 44, "support": "TEST"},
     "mary added the release 44-TEST to those whose kernels are tested"),
    ("kerneltest.release.edit", {"releasenum": 44},
     "mary changed the release 44 among those whose kernels are tested"),
    ("kerneltest.release.edit", None, "mary changed a release among those whose kernels are tested"),
])
def test_releases_have_the_page_of_all(title: str, release: dict[str, object] | None, said: str) -> None:
    told = described(title, {"agent": "mary", "release": release})

    assert told.summary == said
    assert told.link == f"{KERNELTEST}/stats"
