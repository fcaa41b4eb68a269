from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given
from structlog.testing import capture_logs

from fmn.sources.errors import BusError
from fmn.sources.fedmsg.signatures import MessageSigner, SignatureVerifier
from fmn.sources.fedmsg.trust_store import TrustStore
from fmn.sources.rejection import MessageRejectedError, RejectionReason
from tests.vectors.certificates import CertificateAuthority
from tests.vectors.json_values import objects
from tests.vectors.signing import ALICE, SigningBus

BODY = {"topic": "org.example.dev.a.b", "msg": {"n": 1}, "timestamp": 5}


class Rotation:
    """An authority's files, which a test replaces as an administrator would: by renaming."""

    def __init__(self, directory: Path, issuer: CertificateAuthority) -> None:
        self.directory, self.issuer = directory, issuer
        self.ca_file, self.crl_file = directory / "ca.pem", directory / "crl.pem"
        self.put(self.ca_file, issuer.pem)
        self.list(issuer.revocations())

    def list(self, revocations: x509.CertificateRevocationList) -> None:
        self.put(self.crl_file, revocations.public_bytes(Encoding.PEM))

    def put(self, path: Path, content: bytes) -> None:
        new = self.directory / "new"
        new.write_bytes(content)
        # As if it had been there for a while: a file that changes this very moment is looked at again.
        os.utime(new, (1_600_000_000, 1_600_000_000))
        new.rename(path)

    def authority(self, **options: Any) -> SignatureVerifier:
        return SignatureVerifier(self.ca_file, self.crl_file, **options)


@pytest.fixture
def rotation(tmp_path: Path, signing_bus: SigningBus) -> Rotation:
    return Rotation(tmp_path, signing_bus.issuer)


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The authority files that were read, one entry for each time."""
    seen: list[Path] = []
    read: Callable[[Path, Path | None], TrustStore] = TrustStore.read

    def counted(ca_file: Path, crl_file: Path | None) -> TrustStore:
        seen.append(ca_file)
        return read(ca_file, crl_file)

    monkeypatch.setattr(TrustStore, "read", counted)
    return seen


def refused(authority: SignatureVerifier, body: dict[str, Any]) -> RejectionReason:
    with pytest.raises(MessageRejectedError) as rejected:
        authority.verify(body)
    return rejected.value.reason


@given(body=objects)
def test_what_was_signed_checks_out(signing_bus: SigningBus, body: dict[str, Any]) -> None:
    signed = signing_bus.alice.sign(body)

    assert SignatureVerifier(signing_bus.ca_file, signing_bus.crl_file).verify(signed) == ALICE


@given(body=objects, field=objects)
def test_what_was_changed_does_not(
        signing_bus: SigningBus, body: dict[str, Any], field: dict[str, Any]) -> None:
    signed = signing_bus.alice.sign(body)
    changed = signed | {"changed": field}

    assert refused(SignatureVerifier(signing_bus.ca_file), changed) is RejectionReason.BAD_SIGNATURE


def test_an_imitation_is_refused(signing_bus: SigningBus) -> None:
    signed = signing_bus.mallory.sign(BODY)

    assert refused(SignatureVerifier(
        signing_bus.ca_file, signing_bus.crl_file), signed) is RejectionReason.UNKNOWN_AUTHORITY


def test_signing_leaves_the_body_alone_and_replaces_an_old_signature(signing_bus: SigningBus) -> None:
    body = dict(BODY)
    signed = signing_bus.alice.sign(body)

    assert body == BODY
    assert signed | body == signed
    assert signed["crypto"] == "x509"
    assert signing_bus.alice.sign(signed) == signed


def test_base64_is_wrapped_as_fedmsg_does(signing_bus: SigningBus) -> None:
    signed = signing_bus.alice.sign(BODY)

    for field in ("signature", "certificate"):
        *full, last, end = signed[field].split("\n")
        assert {len(line) for line in full} == {76}
        assert 0 < len(last) <= 76
        assert end == ""


def test_integer_keys_can_be_signed(signing_bus: SigningBus) -> None:
    signed = signing_bus.alice.sign({"msg": {9: "nine", 10: "ten"}})

    assert signed["msg"] == {"9": "nine", "10": "ten"}
    assert SignatureVerifier(signing_bus.ca_file).verify(signed) == ALICE


def test_what_has_no_json_form_cannot_be_signed(signing_bus: SigningBus) -> None:
    with pytest.raises(TypeError):
        signing_bus.alice.sign({"msg": object()})


def test_a_new_revocation_list_is_picked_up_when_the_old_one_has_expired(
        rotation: Rotation, signing_bus: SigningBus) -> None:
    # Given a list that expires
    signed, now = signing_bus.alice.sign(BODY), datetime(2030, 1, 1, tzinfo=UTC)
    rotation.list(rotation.issuer.revocations(until=now))
    clock = [now]
    authority = rotation.authority(now=lambda: clock[0])
    assert authority.verify(signed) == ALICE
    clock[0] += timedelta(days=1)
    assert refused(authority, signed) is RejectionReason.CRL_UNUSABLE

    # When it's replaced
    rotation.list(rotation.issuer.revocations())

    # Then the next message is fine
    assert authority.verify(signed) == ALICE


def test_a_new_authority_is_picked_up(rotation: Rotation, signing_bus: SigningBus) -> None:
    signed = signing_bus.alice.sign(BODY)
    other = CertificateAuthority()
    rotation.put(rotation.ca_file, other.pem)
    rotation.list(other.revocations())
    authority = rotation.authority()
    assert refused(authority, signed) is RejectionReason.UNKNOWN_AUTHORITY

    rotation.put(rotation.ca_file, rotation.issuer.pem)
    rotation.list(rotation.issuer.revocations())

    assert authority.verify(signed) == ALICE


def test_a_revocation_is_noticed_though_nothing_fails(rotation: Rotation, signing_bus: SigningBus) -> None:
    signed = signing_bus.alice.sign(BODY)
    authority = rotation.authority(recheck_seconds=0)
    assert authority.verify(signed) == ALICE

    alice = x509.load_pem_x509_certificate(signing_bus.alice_files[0].read_bytes())
    rotation.list(rotation.issuer.revocations(alice))

    assert refused(authority, signed) is RejectionReason.REVOKED


def test_a_flood_of_bad_messages_does_not_make_us_read_files(
        rotation: Rotation, signing_bus: SigningBus, readings: list[Path]) -> None:
    authority = rotation.authority()
    signed = signing_bus.mallory.sign(BODY)

    for _ in range(1000):
        refused(authority, signed)

    assert len(readings) == 1


def test_files_that_changed_this_moment_are_read_again(
        rotation: Rotation, signing_bus: SigningBus, readings: list[Path]) -> None:
    # Given files so new that another change might leave their time as it is
    rotation.crl_file.touch()
    authority = rotation.authority()
    assert len(readings) == 1

    # When a check fails
    refused(authority, signing_bus.mallory.sign(BODY))

    # Then they are read once more
    assert len(readings) == 2


@pytest.mark.parametrize("content", [None, b"", b"half a fi"])
def test_new_files_that_cannot_be_used_are_warned_of_once_and_the_old_ones_stay(
        rotation: Rotation, signing_bus: SigningBus, content: bytes | None) -> None:
    good, bad = signing_bus.alice.sign(BODY), signing_bus.mallory.sign(BODY)
    authority = rotation.authority()

    # When the list is deleted or cut
    if content is None:
        rotation.crl_file.unlink()
    else:
        rotation.put(rotation.crl_file, content)
    with capture_logs() as logs:
        for _ in range(3):
            refused(authority, bad)

    # Then the old one counts on, and an administrator can read why
    assert authority.verify(good) == ALICE
    assert [entry["event"] for entry in logs] == ["authority files unusable, keeping the old"]
    assert "crl.pem" in logs[0]["error"]

    # And a good one is picked up
    alice = x509.load_pem_x509_certificate(signing_bus.alice_files[0].read_bytes())
    rotation.list(rotation.issuer.revocations(alice))
    refused(authority, bad)
    assert refused(authority, good) is RejectionReason.REVOKED


def test_several_threads_may_check_while_files_change(rotation: Rotation, signing_bus: SigningBus) -> None:
    # Given a list that has expired, and threads that all find that out
    now = datetime(2030, 1, 1, tzinfo=UTC)
    rotation.list(rotation.issuer.revocations(until=now))
    authority = rotation.authority(now=lambda: now + timedelta(days=1))
    signed = [signing_bus.alice.sign({"i": i}) for i in range(4)]
    start, wrong = threading.Barrier(4), []

    def check(body: dict[str, Any]) -> None:
        start.wait()
        for _ in range(200):
            try:
                authority.verify(body)
            except MessageRejectedError as error:
                wrong.append(error)

    # When it's replaced
    rotation.list(rotation.issuer.revocations())
    threads = [threading.Thread(target=check, args=[body]) for body in signed]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # Then no thread refuses a good message
    assert wrong == []


def test_a_key_of_another_certificate_is_refused(signing_bus: SigningBus, tmp_path: Path) -> None:
    _, other_key = signing_bus.issuer.issue("bob").save(tmp_path, "bob")

    with pytest.raises(BusError, match=r"bob\.key: the key doesn't belong to .*alice\.crt"):
        MessageSigner(signing_bus.alice_files[0], other_key)


def test_files_that_cannot_sign_are_named(signing_bus: SigningBus, tmp_path: Path) -> None:
    certificate_file, key_file = signing_bus.alice_files
    elliptic = tmp_path / "elliptic.key"
    elliptic.write_bytes(ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    locked = tmp_path / "locked.key"
    locked.write_bytes(ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")))

    with pytest.raises(BusError, match=r"alice\.key: there's no PEM certificate in it"):
        MessageSigner(key_file, key_file)
    with pytest.raises(BusError, match=r"alice\.crt: there's no PEM key"):
        MessageSigner(certificate_file, certificate_file)
    with pytest.raises(BusError, match=r"locked\.key: there's no PEM key without a passphrase"):
        MessageSigner(certificate_file, locked)
    with pytest.raises(BusError, match=r"elliptic\.key: fedmsg needs an RSA key"):
        MessageSigner(certificate_file, elliptic)
    with pytest.raises(BusError, match=r"none\.key: can't be read: No such file"):
        MessageSigner(certificate_file, tmp_path / "none.key")
