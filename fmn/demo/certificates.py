"""Certificates of the demo bus: an authority and a signer, created once and stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.x509.oid import NameOID

#: Validity, longer than any demo's life.
VALID_FOR: Final = timedelta(days=3650)
SIGNER: Final = "demo-bus.localhost"


@dataclass(frozen=True)
class Certificates:
    """Paths of the certificates and keys."""

    authority: Path
    certificate: Path
    key: Path


def certificates_in(directory: Path) -> Certificates:
    """The demo's certificates in ``directory``, created if missing."""
    found = Certificates(directory / "ca.pem", directory / "signer.pem", directory / "signer.key")
    if not found.key.exists():
        directory.mkdir(parents=True, exist_ok=True)
        _make(found)
    return found


def _make(where: Certificates) -> None:
    authority_key, key = _key(), _key()
    authority = _certificate("FMN demo authority", authority_key, "FMN demo authority", authority_key)
    certificate = _certificate(SIGNER, key, "FMN demo authority", authority_key)
    where.authority.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    where.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    where.key.touch(mode=0o600)
    where.key.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))


def _key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def _certificate(
    subject: str, key: RSAPrivateKey, issuer: str, issuer_key: RSAPrivateKey,
) -> x509.Certificate:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject)).issuer_name(_name(issuer))
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(yesterday).not_valid_after(yesterday + VALID_FOR)
        .add_extension(x509.BasicConstraints(ca=subject == issuer, path_length=None), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
