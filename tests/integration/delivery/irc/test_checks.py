"""The configuration check of the IRC server."""

from __future__ import annotations

from pathlib import Path

import pytest

from fmn.delivery.irc.checks import check_server
from fmn.delivery.irc.settings import IrcSettings
from fmn.infra.connectivity import UnreachableError, connect_tls
from fmn.settings.check_results import CheckResult, CheckResults, Level
from tests.servers.certificates import make_certificate
from tests.servers.greeting import greeter
from tests.servers.ports import free_port


def one(results: CheckResults) -> CheckResult:
    (result,) = results
    return result


def test_the_certificate_is_checked(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    with greeter(certificate) as port:
        settings = IrcSettings(host="127.0.0.1", port=port, ca_file=certificate)
        assert one(check_server(settings)).sentence.startswith(f"127.0.0.1:{port}, TLSv1.")
        result = one(check_server(IrcSettings(host="127.0.0.1", port=port)))
    assert result.level is Level.FAILED
    assert "its certificate isn't trusted" in result.sentence


def test_one_that_speaks_no_tls_is_told() -> None:
    with greeter() as port:
        result = one(check_server(IrcSettings(host="127.0.0.1", port=port)))
        plain = one(check_server(IrcSettings(host="127.0.0.1", port=port, security="none")))
    assert "doesn't speak TLS there" in result.sentence
    assert plain.level is Level.OK


def test_a_name_that_is_not_known_is_told() -> None:
    result = one(check_server(IrcSettings(host="irc.invalid", security="none")))
    assert "the name irc.invalid isn't known here" in result.sentence


def test_an_authority_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nonsense")
    with pytest.raises(UnreachableError, match=r"ca\.pem can't be used"):
        connect_tls("127.0.0.1", free_port(), tmp_path / "ca.pem")
