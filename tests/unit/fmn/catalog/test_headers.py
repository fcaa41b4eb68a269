from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.catalog import Facts, Package, Severity, catalog
from fmn.catalog.headers import groups_in, packages_in, severity_in, users_in
from fmn.catalog.registry import UNKNOWN
from tests.messages import message

HEADERS = {
    "fedora_messaging_schema": "forest.v1", "fedora_messaging_severity": 30, "priority": 0,
    "fedora_messaging_user_mary": True, "fedora_messaging_user_sam": False,
    "fedora_messaging_user_None": True,
    "fedora_messaging_user_": True, "fedora_messaging_user_tom tim": True, "fedora_messaging_user_a\nb": True,
    "fedora_messaging_group_forest": True,
    "fedora_messaging_rpm_moss": True, "fedora_messaging_container_moss": True,
    "fedora_messaging_module_fern": True, "fedora_messaging_flatpak_org.moss": True,
}
PACKAGES = {
    Package("rpms", "moss"), Package("container", "moss"), Package("modules", "fern"),
    Package("flatpaks", "org.moss")}


def read(title: str, body: Any, **headers: Any) -> Facts:
    return catalog().facts(replace(message(title, body), headers=HEADERS | headers))


def test_name_people_groups_and_packages_but_nobody_and_no_junk() -> None:
    assert set(users_in(HEADERS)) == {"mary"}
    assert set(groups_in(HEADERS)) == {"forest"}
    assert set(packages_in(HEADERS)) == PACKAGES
    assert severity_in(HEADERS) is Severity.WARNING


@pytest.mark.parametrize("severity", [None, "40", 0, 50, 40.5, True, [], {}])
def test_of_no_known_severity_say_none(severity: Any) -> None:
    assert severity_in({"fedora_messaging_severity": severity}) is None


@given(st.dictionaries(
    st.text() | st.text().map("fedora_messaging_user_{}".format), st.booleans() | st.integers() | st.text()))
def test_of_any_kind_are_read(headers: dict[str, Any]) -> None:
    assert all(name and name.isprintable() for name in users_in(headers))


class TestOfMessagesThatTheCatalogueDoesNotKnow:
    @pytest.mark.parametrize(("title", "name"), [
        ("nobody.knows", f"{UNKNOWN.fallback.name}_warning"), ("bodhi.frobnicated", "bodhi_any_warning")])
    def test_are_facts(self, title: str, name: str) -> None:
        known = read(title, {"agent": "ann"})

        assert known.usernames == {"mary", "ann"}
        assert known.groups == {"forest"}
        assert known.packages == PACKAGES
        assert known.event.name == name
        assert known.event.severity is Severity.WARNING

    @pytest.mark.parametrize(("number", "name", "severity"), [
        (10, "bodhi_any_debug", "debug"), (20, "bodhi_any", "info"), (40, "bodhi_any_error", "error"),
        (None, "bodhi_any", "info")])
    def test_say_how_severe_they_are(self, number: int | None, name: str, severity: str) -> None:
        sent = replace(message("bodhi.frobnicated"), headers={"fedora_messaging_severity": number})

        assert catalog().facts(sent).event.name == name
        assert catalog().describe(sent).severity == severity
        assert catalog().describe(sent).kind == "bodhi.frobnicated"
        assert not catalog().knows(sent)

    def test_may_be_urgent(self) -> None:
        assert {"bodhi_any_error", f"{UNKNOWN.fallback.name}_error"} <= catalog().severe_events


class TestOfMessagesThatTheCatalogueKnows:
    BODY = {"commit": {"repo": "lichen", "namespace": "rpms", "username": "ann"}}  # noqa: RUF012 - read only

    def test_name_more_people_and_groups(self) -> None:
        known = read("git.receive", self.BODY)

        assert known.usernames == {"mary", "ann"}
        assert known.groups == {"forest"}

    def test_name_no_packages_and_are_as_severe_as_ever(self) -> None:
        # Publishers take forks for packages.
        known = read("git.receive", self.BODY)

        assert known.packages == {Package("rpms", "lichen")}
        assert known.event.severity is Severity.INFO
