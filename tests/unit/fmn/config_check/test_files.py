"""What's said of files: those that are named, and those with secrets."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from fmn.config_check import bus, files
from fmn.settings import BusSettings
from fmn.settings.check_results import Level
from fmn.settings.loader import CheckedSettings
from tests.unit.fmn.config_check.conftest import Examine
from tests.vectors.certificates import CertificateAuthority

NOW = datetime(2026, 3, 14, tzinfo=UTC)


def told(config: Path, checked: CheckedSettings, now: datetime = NOW) -> list[tuple[Level, str]]:
    return [(result.level, result.sentence) for result in files.check(config, checked, now)
            if not result.sentence.startswith("root may read")]


@pytest.fixture(scope="module")
def authority() -> CertificateAuthority:
    return CertificateAuthority()


def test_secrets_that_nobody_else_can_read_are_fine(config: Path, examine: Examine) -> None:
    assert [each for each in told(config, examine()) if each[0] is not Level.OK] == []


def test_secrets_that_everybody_can_read_are_warned_of(config: Path, examine: Examine) -> None:
    checked = examine()
    config.chmod(0o644)
    ((level, sentence),) = told(config, checked)
    assert level is Level.WARNING
    assert sentence.startswith(f"everybody on this host can read {config}, which has ")
    assert f"chmod 640 {config}" in sentence


def test_one_without_secrets_may_be_read(config: Path, examine: Examine) -> None:
    checked = examine(
        database__url="postgresql://127.0.0.1/fmn", broker__url="memory://", web__secret="")
    config.chmod(0o644)
    assert not [level for level, _ in told(config, checked) if level is not Level.OK]


def test_the_file_of_secrets_beside_it_counts_as_well(config: Path, examine: Examine) -> None:
    beside = config.parent / "secrets.env"
    beside.touch(0o644)
    beside.chmod(0o644)
    ((level, sentence),) = told(config, examine())
    assert level is Level.WARNING
    assert f"chmod 640 {beside}" in sentence


@pytest.mark.parametrize("key", ["email.ca_file", "irc.ca_file", "webhook.ca_file"])
def test_an_authority_that_is_not_there_or_none_is_told(config: Path, examine: Examine, key: str) -> None:
    path = config.parent / "ca.pem"
    given = {key.replace(".", "__"): str(path)}
    assert told(config, examine(**given)) == [(Level.FAILED, f"fmn.{key} = {path} isn't there")]
    path.write_text("nonsense")
    assert told(config, examine(**given)) == [
        (Level.FAILED, f"fmn.{key} = {path} has no PEM certificate in it")]
    path.unlink()
    path.mkdir()
    assert told(config, examine(**given)) == [(Level.FAILED, f"fmn.{key} = {path} isn't a file")]


def test_all_that_are_missing_are_told(config: Path, examine: Examine) -> None:
    found = told(config, examine(email__ca_file="/no/a", irc__ca_file="/no/b", publish__key_file="/no/c"))
    assert len(found) == 4  # and that the key has no certificate


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_one_that_we_may_not_read_is_told(config: Path, examine: Examine) -> None:
    path = config.parent / "ca.pem"
    path.touch(0o000)
    ((_, sentence),) = told(config, examine(email__ca_file=str(path)))
    assert "can't be read by us" in sentence


class TestTheSpool:
    def test_is_fine_where_nothing_is_yet_and_where_it_has_room(self, config: Path, examine: Examine) -> None:
        directory = config.parent / "spool"
        for _ in range(2):
            found = told(config, examine(spool__directory=str(directory), spool__max_megabytes="1"))
            assert not [level for level, _ in found if level is not Level.OK]
            directory.mkdir(exist_ok=True)

    def test_is_to_be_a_directory(self, config: Path, examine: Examine) -> None:
        path = config.parent / "spool"
        path.touch()
        assert told(config, examine(spool__directory=str(path))) == [
            (Level.FAILED, f"fmn.spool.directory = {path} isn't a directory")]

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_is_to_be_written_by_us(self, config: Path, examine: Examine) -> None:
        path = config.parent / "spool"
        path.mkdir(0o500)
        ((level, sentence),) = told(config, examine(spool__directory=str(path)))
        assert (level, "can't be written by us" in sentence) == (Level.FAILED, True)

    def test_that_has_no_room_for_what_it_may_hold_is_warned_of(self, config: Path, examine: Examine) -> None:
        ((level, sentence),) = told(
            config, examine(spool__directory=str(config.parent), spool__max_megabytes="1000000000"))
        assert level is Level.WARNING
        assert sentence.startswith(
            f"fmn.spool.max_megabytes = 1000000000, and the disk of {config.parent} has room for ")


class TestOurSigningKey:
    def test_is_to_belong_to_its_certificate(
        self, config: Path, examine: Examine, authority: CertificateAuthority,
    ) -> None:
        certificate, _ = authority.issue("fmn.ours.test").save(config.parent, "one")
        _, key = authority.issue("fmn.ours.test").save(config.parent, "other")
        key.chmod(0o640)
        ((level, sentence),) = told(
            config, examine(publish__certificate_file=str(certificate), publish__key_file=str(key)))
        assert level is Level.FAILED
        assert "doesn't belong to the certificate" in sentence

    def test_is_to_be_secret_and_its_certificate_renewed(
        self, config: Path, examine: Examine, authority: CertificateAuthority,
    ) -> None:
        certificate, key = authority.issue("fmn.ours.test").save(config.parent, "one")
        checked = examine(publish__certificate_file=str(certificate), publish__key_file=str(key))
        key.chmod(0o640)
        assert not [level for level, _ in told(config, checked) if level is not Level.OK]
        key.chmod(0o644)
        ((level, sentence),) = told(config, checked)
        assert (level, "the key that signs what we publish" in sentence) == (Level.WARNING, True)
        key.chmod(0o640)
        for now, expected in (
            (datetime(2059, 12, 20, tzinfo=UTC), Level.WARNING),
            (datetime(2060, 2, 1, tzinfo=UTC), Level.FAILED),
        ):
            ((level, sentence),) = told(config, checked, now)
            assert (level, "renew it" in sentence) == (expected, True)


class TestTheBusesAuthority:
    @pytest.fixture
    def settings(self, tmp_path: Path, authority: CertificateAuthority) -> BusSettings:
        (tmp_path / "ca.crt").write_bytes(authority.pem)
        (tmp_path / "ca.crl").write_bytes(authority.revocations().public_bytes(Encoding.PEM))
        return BusSettings(ca_file=tmp_path / "ca.crt", crl_file=tmp_path / "ca.crl")

    @pytest.mark.filterwarnings("ignore:Parsed a serial number")
    def test_is_warned_of_if_a_later_version_cannot_read_it(
            self, settings: BusSettings, authority: CertificateAuthority, tmp_path: Path) -> None:
        # Given an authority as old programs made them
        (tmp_path / "ca.crt").write_bytes(authority.issue_numbered("old authority", 0).pem)
        alone = settings.model_copy(update={"crl_file": None})

        warned, good = bus.check_trust(alone, NOW)

        assert (warned.level, good.level) == (Level.WARNING, Level.OK)
        assert "serial number that isn't positive" in warned.sentence

    def test_is_good_until_its_end_is_near(self, settings: BusSettings) -> None:
        assert [each.level for each in bus.check_trust(settings, NOW)] == [Level.OK, Level.OK]
        end = datetime(2060, 1, 1, tzinfo=UTC)
        for days, levels in (
            (7, [Level.WARNING, Level.OK]), (1, [Level.WARNING, Level.WARNING]), (-1, [Level.FAILED] * 2),
        ):
            assert [each.level for each in bus.check_trust(settings, end - timedelta(days=days))] == levels

    def test_files_that_are_not_what_they_should_be_are_told(
        self, settings: BusSettings, tmp_path: Path,
    ) -> None:
        assert settings.crl_file is not None
        settings.crl_file.write_text("nonsense")
        (tmp_path / "policy.json").write_text("[]")
        policed = settings.model_copy(update={"routing_policy_file": tmp_path / "policy.json"})
        policy, crl = bus.check_trust(policed, NOW)
        assert (policy.level, crl.level) == (Level.FAILED, Level.FAILED)
        assert "See fmn.bus.routing_policy_file" in policy.sentence
        assert "there's no PEM revocation list in it" in crl.sentence
