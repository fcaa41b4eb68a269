"""The page of the live feed tells how to listen to it."""

from __future__ import annotations

import pytest

from fmn.wiring import Services
from tests.integration.webapp.signing_in import signed_in

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_says_where_to_listen_and_how(services: Services) -> None:
    page = signed_in(services, "alice").get("/preferences/sse")
    assert "Notifications by the live feed go to your account" in page
    assert page.html.find("pre").get_text() == (
        'curl -N -H "Authorization: Bearer fmn_…" http://localhost/user/alice')
    # There's nothing to add
    assert "Add" not in [each.get_text() for each in page.html.find_all("button")]
