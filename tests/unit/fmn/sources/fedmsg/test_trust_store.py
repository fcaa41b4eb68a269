from __future__ import annotations

import base64
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from fmn.sources.errors import BusError
from fmn.sources.fedmsg import trust_store
from fmn.sources.fedmsg.trust_store import LONGEST_CERTIFICATE, TrustStore, ValidityPeriod
from fmn.sources.rejection import MessageRejectedError, RejectionReason
from tests.vectors.certificates import SINCE, UNTIL, CertificateAuthority

NOW = datetime(2030, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def issuer() -> CertificateAuthority:
    return CertificateAuthority()


def encoded(certificate: x509.Certificate) -> str:
    return base64.encodebytes(certificate.public_bytes(Encoding.PEM)).decode()


def refused(trusting: TrustStore, certificate: str, now: datetime = NOW) -> RejectionReason:
    with pytest.raises(MessageRejectedError) as rejected:
        trusting.check(certificate, now)
    return rejected.value.reason


def test_a_period_includes_both_ends() -> None:
    period, second = ValidityPeriod(SINCE, UNTIL), timedelta(seconds=1)

    assert period.contains(SINCE)
    assert period.contains(UNTIL)
    assert not period.contains(SINCE - second)
    assert not period.contains(UNTIL + second)
    assert ValidityPeriod(SINCE, None).contains(UNTIL + second)


def test_old_fashioned_certificates_are_trusted(issuer: CertificateAuthority) -> None:
    # Given a certificate such as real buses have, with a list signed in the same way
    legacy = issuer.issue_legacy("alice")
    assert isinstance(legacy.certificate.signature_hash_algorithm, SHA1)
    trusting = TrustStore(issuer.certificate, issuer.legacy_revocations())

    # Then it counts
    signer = trusting.check(encoded(legacy.certificate), NOW)
    assert signer.common_name == "alice"
    assert signer.public_key.key_size == 1024


def test_times_are_judged_at_the_time_of_the_check(issuer: CertificateAuthority) -> None:
    certificate = encoded(issuer.issue("alice", since=NOW, until=NOW + timedelta(days=1)).certificate)
    trusting = TrustStore(issuer.certificate, None)

    assert refused(
        trusting, certificate, NOW - timedelta(hours=1)) is RejectionReason.CERTIFICATE_NOT_YET_VALID
    assert trusting.check(certificate, NOW + timedelta(hours=1)).common_name == "alice"
    assert refused(trusting, certificate, NOW + timedelta(days=2)) is RejectionReason.CERTIFICATE_EXPIRED


def test_a_list_counts_between_its_updates_only(issuer: CertificateAuthority) -> None:
    certificate = encoded(issuer.issue("alice").certificate)
    trusting = TrustStore(issuer.certificate, issuer.revocations(since=NOW, until=NOW + timedelta(days=1)))

    assert refused(trusting, certificate, NOW - timedelta(hours=1)) is RejectionReason.CRL_UNUSABLE
    assert trusting.check(certificate, NOW + timedelta(hours=1)).common_name == "alice"
    assert refused(trusting, certificate, NOW + timedelta(days=2)) is RejectionReason.CRL_UNUSABLE


def test_an_authority_that_is_out_of_date_vouches_for_nobody() -> None:
    issuer = CertificateAuthority(until=NOW)
    certificate = encoded(issuer.issue("alice").certificate)
    trusting = TrustStore(issuer.certificate, None)

    assert trusting.check(certificate, NOW).common_name == "alice"
    assert refused(trusting, certificate, NOW + timedelta(days=1)) is RejectionReason.AUTHORITY_UNUSABLE


def test_an_authority_that_revoked_itself_vouches_for_nobody(issuer: CertificateAuthority) -> None:
    certificate = encoded(issuer.issue("alice").certificate)

    assert refused(TrustStore(issuer.certificate, issuer.revocations(issuer.certificate)), certificate) is (
        RejectionReason.AUTHORITY_UNUSABLE)


def test_a_certificate_with_a_readable_copy_in_front_is_read(issuer: CertificateAuthority) -> None:
    pem = issuer.issue("alice").pem
    certificate = base64.b64encode(b"Certificate:\n    Data:\n        Version: 3 (0x2)\n" + pem).decode()

    assert TrustStore(issuer.certificate, None).check(certificate, NOW).common_name == "alice"


def test_a_name_that_cannot_be_read_is_nobodys(issuer: CertificateAuthority) -> None:
    garbled = encoded(issuer.issue_garbled("alice"))

    assert refused(TrustStore(issuer.certificate, None), garbled) is RejectionReason.BAD_CERTIFICATE


def test_a_signature_of_another_kind_is_not_the_authoritys(issuer: CertificateAuthority) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    certificate = (
        x509.CertificateBuilder(issuer.name, issuer.name, key.public_key(), 5)
        .not_valid_before(SINCE).not_valid_after(UNTIL).sign(key, None))

    assert refused(
        TrustStore(issuer.certificate, None), encoded(certificate)) is RejectionReason.UNKNOWN_AUTHORITY


def test_an_endless_certificate_is_not_even_decoded(issuer: CertificateAuthority) -> None:
    assert refused(TrustStore(
        issuer.certificate, None), "A" * (LONGEST_CERTIFICATE + 1)) is RejectionReason.BAD_CERTIFICATE


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
@pytest.mark.parametrize("serial", [0, -1, -128])
def test_a_serial_number_that_is_not_positive_is_refused(issuer: CertificateAuthority, serial: int) -> None:
    # A later `cryptography` won't read such certificates, and revocation lists can't name them
    numbered = issuer.issue_numbered("alice", serial)

    with pytest.raises(MessageRejectedError, match="its serial number isn't positive") as rejected:
        TrustStore(issuer.certificate, issuer.revocations()).check(encoded(numbered.certificate), NOW)
    assert rejected.value.reason is RejectionReason.BAD_CERTIFICATE


def test_a_serial_number_of_one_is_as_good_as_any(issuer: CertificateAuthority) -> None:
    numbered = issuer.issue_numbered("alice", 1)

    assert TrustStore(issuer.certificate, None).check(
        encoded(numbered.certificate), NOW).common_name == "alice"


def test_what_a_later_library_refuses_to_read_is_a_bad_certificate_with_its_reason(
        issuer: CertificateAuthority, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given the library as it says that it will be
    def refuses(_pem: bytes) -> None:
        raise ValueError("serial number must be positive")

    monkeypatch.setattr(x509, "load_pem_x509_certificate", refuses)

    with pytest.raises(MessageRejectedError, match="serial number must be positive") as rejected:
        TrustStore(issuer.certificate, None).check(encoded(issuer.certificate), NOW)
    assert rejected.value.reason is RejectionReason.BAD_CERTIFICATE


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_certificates_with_any_bytes_changed_are_refused(issuer: CertificateAuthority) -> None:
    der = issuer.issue("alice").certificate.public_bytes(Encoding.DER)
    trusting = TrustStore(issuer.certificate, issuer.revocations())
    chance = random.Random(2)
    for _ in range(2000):
        changed = bytearray(der)
        place = chance.randrange(len(der))
        changed[place] ^= chance.randrange(1, 256)
        inner = base64.encodebytes(bytes(changed)).decode()
        pem = f"-----BEGIN CERTIFICATE-----\n{inner}-----END CERTIFICATE-----\n"

        assert refused(trusting, base64.b64encode(pem.encode()).decode()) in {
            RejectionReason.BAD_CERTIFICATE, RejectionReason.UNKNOWN_AUTHORITY}


def test_only_so_many_certificates_are_remembered(
        issuer: CertificateAuthority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust_store, "REMEMBERED_SIGNERS", 2)
    trusting = TrustStore(issuer.certificate, None)
    pem = issuer.issue("alice").pem
    spellings = [base64.b64encode(pem + b"\n" * n).decode() for n in range(5)]

    signers = [trusting.check(certificate, NOW) for certificate in spellings]

    assert {signer.common_name for signer in signers} == {"alice"}
    assert trusting.check(spellings[-1], NOW) is signers[-1]
    assert trusting.check(spellings[0], NOW) is not signers[0]


def test_a_revocation_list_of_another_authority_is_refused(issuer: CertificateAuthority) -> None:
    with pytest.raises(BusError, match="the revocation list isn't signed by the authority"):
        TrustStore(issuer.certificate, CertificateAuthority().revocations())


def test_an_authority_needs_an_rsa_key(issuer: CertificateAuthority, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder(issuer.name, issuer.name, key.public_key(), 5)
        .not_valid_before(SINCE).not_valid_after(UNTIL).sign(key, SHA256()))
    (tmp_path / "ca.pem").write_bytes(certificate.public_bytes(Encoding.PEM))

    with pytest.raises(BusError, match=r"ca\.pem: the authority's key isn't an RSA key"):
        TrustStore.read(tmp_path / "ca.pem", None)


@pytest.mark.parametrize(("name", "content", "complaint"), [
    ("ca.pem", None, r"ca\.pem: can't be read: No such file"),
    ("ca.pem", b"hello", r"ca\.pem: there's no PEM certificate in it"),
    ("crl.pem", None, r"crl\.pem: can't be read: No such file"),
    ("crl.pem", b"hello", r"crl\.pem: there's no PEM revocation list in it"),
])
def test_a_file_that_cannot_serve_is_named(
        issuer: CertificateAuthority, tmp_path: Path, name: str, content: bytes | None,
        complaint: str) -> None:
    (tmp_path / "ca.pem").write_bytes(issuer.pem)
    (tmp_path / "crl.pem").write_bytes(issuer.revocations().public_bytes(Encoding.PEM))
    (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / name).write_bytes(content)

    with pytest.raises(BusError, match=complaint):
        TrustStore.read(tmp_path / "ca.pem", tmp_path / "crl.pem")
