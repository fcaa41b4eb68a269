"""A certificate authority of our own, for vectors and tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

SINCE, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2060, 1, 1, tzinfo=UTC)

# DER of the object identifiers sha256WithRSAEncryption and sha1WithRSAEncryption: equally long
_SHA256_RSA = bytes.fromhex("2a864886f70d01010b")
_SHA1_RSA = bytes.fromhex("2a864886f70d010105")
# and of the version, which stands in front of a certificate's serial number
_VERSION_3 = bytes.fromhex("a003020102")


def new_key(bits: int = 2048) -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=bits)


@dataclass(frozen=True)
class Credentials:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: RSAPrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def save(self, directory: Path, name: str) -> tuple[Path, Path]:
        certificate_file, key_file = directory / f"{name}.crt", directory / f"{name}.key"
        certificate_file.write_bytes(self.pem)
        key_file.write_bytes(self.key.private_bytes(
            Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
        return certificate_file, key_file


class CertificateAuthority:
    """Issues certificates as a bus's authority does: for clients, without alternative names."""

    def __init__(
            self, name: str = "FMN test authority", since: datetime = SINCE, until: datetime = UNTIL) -> None:
        self.name = x509.Name([
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "FMN"),
            x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.key = new_key()
        self.certificate = (
            self._builder(self.name, since, until)
            .public_key(self.key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self.key, SHA256()))

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def issue(
            self, common_name: str | None, *, bits: int = 2048, since: datetime = SINCE,
            until: datetime = UNTIL) -> Credentials:
        """A certificate for ``common_name``; for nobody in particular if that is ``None``."""
        names = [] if common_name is None else [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
        key = new_key(bits)
        subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "FMN"), *names])
        builder = self._builder(subject, since, until).public_key(key.public_key())
        return Credentials(builder.sign(self.key, SHA256()), key)

    def issue_legacy(self, common_name: str) -> Credentials:
        """What real buses have: a key of 1024 bits in a certificate signed with SHA-1."""
        modern = self.issue(common_name, bits=1024)
        der = self._sha1_signed(modern.certificate.public_bytes(Encoding.DER),
                                modern.certificate.tbs_certificate_bytes, modern.certificate.signature)
        return Credentials(x509.load_der_x509_certificate(der), modern.key)

    def issue_garbled(self, common_name: str) -> x509.Certificate:
        """A certificate whose name is of a kind that names aren't: a bit string."""
        good = self.issue(common_name).certificate
        content, name = good.tbs_certificate_bytes, common_name.encode()
        garbled = content.replace(bytes([0x0C, len(name)]) + name, bytes([0x03, len(name), 0]) + name[1:])
        signature = self.key.sign(garbled, PKCS1v15(), SHA256())
        return x509.load_der_x509_certificate(
            good.public_bytes(Encoding.DER).replace(content, garbled).replace(good.signature, signature))

    def issue_numbered(self, common_name: str, serial: int) -> Credentials:
        """A certificate with a serial number of one byte, which may be one that libraries don't write."""
        key = new_key()
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        good = self._builder(subject, SINCE, UNTIL, serial=1).public_key(key.public_key()).sign(
            self.key, SHA256())
        content = good.tbs_certificate_bytes
        numbered = content.replace(
            _VERSION_3 + b"\x02\x01\x01", _VERSION_3 + b"\x02\x01" + serial.to_bytes(1, signed=True), 1)
        signature = self.key.sign(numbered, PKCS1v15(), SHA256())
        der = good.public_bytes(Encoding.DER).replace(content, numbered).replace(good.signature, signature)
        return Credentials(x509.load_der_x509_certificate(der), key)

    def issue_elliptic(self, common_name: str) -> x509.Certificate:
        """A certificate whose key can't make fedmsg's signatures."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        key = ec.generate_private_key(ec.SECP256R1()).public_key()
        return self._builder(subject, SINCE, UNTIL).public_key(key).sign(self.key, SHA256())

    def revocations(
            self, *revoked: x509.Certificate, since: datetime = SINCE,
            until: datetime = UNTIL) -> x509.CertificateRevocationList:
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.name).last_update(since).next_update(until))
        for certificate in revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(certificate.serial_number).revocation_date(since + timedelta(days=1)).build())
        return builder.sign(self.key, SHA256())

    def legacy_revocations(self, *revoked: x509.Certificate) -> x509.CertificateRevocationList:
        """The same signed with SHA-1."""
        modern = self.revocations(*revoked)
        return x509.load_der_x509_crl(self._sha1_signed(
            modern.public_bytes(Encoding.DER), modern.tbs_certlist_bytes, modern.signature))

    def _builder(
            self, subject: x509.Name, since: datetime, until: datetime, *, serial: int | None = None,
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject).issuer_name(self.name)
            .serial_number(serial or x509.random_serial_number())
            .not_valid_before(since).not_valid_after(until))

    def _sha1_signed(self, der: bytes, content: bytes, signature: bytes) -> bytes:
        """``der`` with another algorithm and signature of the same length.

        `cryptography` doesn't make SHA-1 signatures on certificates any more.
        """
        legacy = content.replace(_SHA256_RSA, _SHA1_RSA)
        signed = self.key.sign(legacy, PKCS1v15(), SHA1())  # noqa: S303  that's the point
        return der.replace(content, legacy).replace(_SHA256_RSA, _SHA1_RSA).replace(signature, signed)
