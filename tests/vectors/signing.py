"""A bus on which messages are signed: its authority, Alice's service, and Mallory's imitation of both."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from fmn.sources.fedmsg.signatures import MessageSigner
from tests.vectors.certificates import CertificateAuthority

ALICE = "alice-app01.example.org"


@dataclass(frozen=True)
class SigningBus:
    """The authority's files, what Alice signs with, and signers by either."""

    issuer: CertificateAuthority
    ca_file: Path
    crl_file: Path
    alice_files: tuple[Path, Path]
    alice: MessageSigner
    mallory: MessageSigner


def make_signing_bus(directory: Path) -> SigningBus:
    issuer = CertificateAuthority()
    ca_file, crl_file = directory / "ca.pem", directory / "crl.pem"
    ca_file.write_bytes(issuer.pem)
    crl_file.write_bytes(issuer.revocations().public_bytes(Encoding.PEM))
    alice_files = issuer.issue(ALICE).save(directory, "alice")
    mallory_files = CertificateAuthority().issue(ALICE).save(directory, "mallory")
    return SigningBus(
        issuer, ca_file, crl_file, alice_files, MessageSigner(*alice_files), MessageSigner(*mallory_files))
