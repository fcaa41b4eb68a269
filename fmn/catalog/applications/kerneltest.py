"""Tests of kernels that people and machines run, and whose results they upload."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fmn.catalog.events import Application, EventType, Package, sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import labelled

KERNELTEST = "https://apps.fedoraproject.org/kerneltest"

#: What a test without failures says of those.
NO_FAILURES = "None"

#: A release for examples.
RELEASE: dict[str, Any] = {"releasenum": 44, "support": "TEST"}


class KernelTest(EventType):
    """Anything about tests of kernels."""

    def packages(self, m: MessageReader) -> Iterable[Package]:
        return (Package("rpms", "kernel"),)

    def link(self, m: MessageReader) -> str:
        kernel = m.text("test", "kernel_version")
        return page(KERNELTEST, "kernel", kernel) if kernel else page(KERNELTEST, "stats")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        release = "-".join(filter(None, [m.text("release", "releasenum"), m.text("release", "support")]))
        return {**super().template_values(m), "release": f"the release {release}" if release else "a release"}


class UploadNew(KernelTest):
    """Somebody tested a kernel and uploaded the result."""

    topics = ("kerneltest.upload.new",)
    rule = "kerneltest_upload_new"
    title = "Kernel tested"
    summary_template = "{who} tested {kernel}{result}"
    group_summary_template = "{who:people} tested {kernel:kernels}{result}"
    example = sample(agent="mary", test={
        "tester": "mary", "kernel_version": "6.19.4-200.fc44.x86_64", "result": "FAIL", "arch": "x86_64",
        "testset": "default", "release": "Fedora release 44 (Forty Four)", "fedora_version": "44",
        "failed_tests": "paxtest", "authenticated": True, "testdate": "Sat Mar 14 09:26:53 UTC 2026",
    })

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        kernel, result = m.text("test", "kernel_version"), m.text("test", "result")
        return {
            **super().template_values(m),
            "kernel": f"the kernel {kernel}" if kernel else "a kernel",
            "result": f": {result}" if result else "",
        }

    def long(self, m: MessageReader) -> str:
        test = m.at("test")
        failed = test.text("failed_tests")
        return labelled(
            Kernel=test.text("kernel_version"),
            Result=test.text("result"),
            Failed="" if failed == NO_FAILURES else failed,
            Tests=test.text("testset"),
            Release=test.text("release"),
            Date=test.text("testdate"),
        )


class ReleaseNew(KernelTest):
    """Somebody added a release whose kernels are to be tested."""

    topics = ("kerneltest.release.new",)
    rule = "kerneltest_release_new"
    title = "Release added"
    summary_template = "{who} added {release} to those whose kernels are tested"
    example = sample(agent="mary", release=RELEASE)


class ReleaseEdit(KernelTest):
    """Somebody changed a release whose kernels are tested."""

    topics = ("kerneltest.release.edit",)
    rule = "kerneltest_release_edit"
    title = "Release changed"
    summary_template = "{who} changed {release} among those whose kernels are tested"
    example = sample(agent="mary", release=RELEASE)


APPLICATION = Application(
    category="kerneltest",
    title="Kernel tests",
    help="Results of tests that people run on kernels.",
    icon="https://apps.fedoraproject.org/img/icons/tux.png",
    other=KernelTest,
    events=(UploadNew, ReleaseNew, ReleaseEdit),
)
