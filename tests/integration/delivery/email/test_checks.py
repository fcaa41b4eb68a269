"""The configuration check of the mail server."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from fmn.delivery.email.checks import check_server
from fmn.delivery.email.settings import EmailSettings
from fmn.settings.check_results import CheckResult, CheckResults, Level
from tests.servers.ports import free_port
from tests.servers.smtp import SmtpServer


def one(results: CheckResults) -> CheckResult:
    (result,) = results
    return result


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_logs_in_and_sends_nothing(
    tmp_path: Path, security: Literal["starttls", "tls"],
) -> None:
    with SmtpServer(tmp_path, login=("fmn", "right"), security=security) as server:
        settings = EmailSettings(
            host=server.host, port=server.port, security=security, ca_file=server.certificate,
            username="fmn", password="right")
        result = one(check_server(settings))
        wrong = one(check_server(settings.model_copy(update={"password": "wrong-one"})))
        untrusted = one(check_server(settings.model_copy(update={"ca_file": None})))
        assert server.mails == []
    assert (result.level, result.sentence) == (
        Level.OK, f"127.0.0.1:{server.port}, {security}, logged in as fmn")
    for each, why in ((wrong, "Authentication"), (untrusted, "certificate verify failed")):
        assert each.level is Level.FAILED
        assert why.lower() in each.sentence.lower()
        assert "wrong-one" not in each.sentence


def test_one_without_encryption_is_not_taken_for_one_with(smtp_server: SmtpServer) -> None:
    result = one(check_server(EmailSettings(host="127.0.0.1", port=smtp_server.port, security="starttls")))
    assert result.level is Level.FAILED
    assert "STARTTLS" in result.sentence


def test_one_that_is_down_is_told() -> None:
    result = one(check_server(EmailSettings(port=free_port())))
    assert result.level is Level.FAILED
    assert "can't be reached" in result.sentence
