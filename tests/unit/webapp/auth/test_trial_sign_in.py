"""Which requests come from a browser on this machine, and from nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.auth.trial_sign_in import FORWARDING_HEADERS, FORWARDING_PREFIXES, is_local_request

HERE = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:6543", "SERVER_PROTOCOL": "HTTP/1.1"}


@pytest.mark.parametrize("environ", [
    {}, {"HTTP_HOST": "localhost:6543"}, {"HTTP_HOST": "LOCALHOST"}, {"HTTP_HOST": "[::1]:6543"},
    {"REMOTE_ADDR": "::1"}, {"REMOTE_ADDR": "127.0.0.2"}, {"REMOTE_ADDR": "::ffff:127.0.0.1"},
])
def test_a_browser_on_this_machine_is_here(environ: dict[str, str]) -> None:
    assert is_local_request({**HERE, **environ})


@pytest.mark.parametrize("environ", [
    {"REMOTE_ADDR": "192.0.2.1"}, {"REMOTE_ADDR": "::ffff:192.0.2.1"}, {"REMOTE_ADDR": ""},
    {"REMOTE_ADDR": "localhost"},
    {"HTTP_HOST": "fmn.example.org"}, {"HTTP_HOST": "192.0.2.1:6543"}, {"HTTP_HOST": ""},
    {"HTTP_HOST": "localhost.evil.example"}, {"HTTP_HOST": "127.0.0.1.evil.example"},
    {"HTTP_HOST": "evil.example#@localhost"}, {"HTTP_HOST": "localhost@evil.example"}, {"HTTP_HOST": "[::1"},
    {"SERVER_PROTOCOL": "HTTP/1.0"},
    *({name: ""} for name in sorted(FORWARDING_HEADERS)),
    *({f"{prefix}FOR": "127.0.0.1"} for prefix in FORWARDING_PREFIXES),
])
def test_whatever_speaks_of_somewhere_else_is_not(environ: dict[str, str]) -> None:
    assert not is_local_request({**HERE, **environ})


@pytest.mark.parametrize("missing", sorted({"REMOTE_ADDR", "HTTP_HOST"}))
def test_what_does_not_say_where_it_comes_from_is_not(missing: str) -> None:
    assert not is_local_request({name: value for name, value in HERE.items() if name != missing})


@given(st.text(), st.text())
def test_no_host_and_no_address_upsets_it(host: str, address: str) -> None:
    is_local_request({**HERE, "HTTP_HOST": host, "REMOTE_ADDR": address})


@given(st.from_regex(r"[a-z0-9-]{1,20}\.[a-z]{2,10}(:[0-9]{1,5})?", fullmatch=True))
def test_no_name_that_is_rebound_to_this_machine_is_here(host: str) -> None:
    assert not is_local_request({**HERE, "HTTP_HOST": host})
