from __future__ import annotations

import hmac
import json
import shlex

from fmn.demo.webhook import curl_command
from tests.factories.messages import NOON

SECRET = "whsec_secret"
URL = "http://127.0.0.1:6543/hooks/demo"


def test_the_command_sends_a_signed_issue() -> None:
    program, url, *arguments = shlex.split(curl_command(URL, SECRET, "lea", NOON))

    assert (program, url, arguments[-2]) == ("curl", URL, "--data-raw")
    body = arguments[-1]
    signature = hmac.digest(SECRET.encode(), body.encode(), "sha256").hex()
    assert f"X-Forgejo-Signature: {signature}" in arguments
    assert json.loads(body)["sender"] == {"login": "lea"}


def test_the_next_start_s_command_sends_another_issue() -> None:
    first, next_one = (curl_command(URL, SECRET, "lea", now) for now in (NOON, NOON.replace(hour=13)))

    assert shlex.split(first)[-1] != shlex.split(next_one)[-1]
