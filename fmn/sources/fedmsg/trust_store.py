"""Trust store: trusts certificates of one authority that its revocation list doesn't name.

Real fedmsg certificates have 1024-bit keys, SHA-1 signatures and no alternative name, so `cryptography`'s own
verifiers refuse them. This module checks each property itself.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import NameOID

from fmn.infra import metrics
from fmn.sources.errors import BusError
from fmn.sources.fedmsg.file_reading import read_file
from fmn.sources.rejection import MessageRejectedError, RejectionReason, short_repr

#: Characters of base64. Certificates have 2,000, with a readable copy in front 10,000.
LONGEST_CERTIFICATE = 50_000
#: Characters of a common name. X.509 allows 64, and the ledger indexes it.
LONGEST_NAME = 200
#: Cached certificates. A bus has some hundred.
REMEMBERED_SIGNERS = 1000


@dataclass(frozen=True, slots=True)
class ValidityPeriod:
    """Validity period, both ends included; no end means for ever."""

    since: datetime
    until: datetime | None

    @classmethod
    def of(cls, certificate: x509.Certificate) -> Self:
        """The validity period of ``certificate``."""
        return cls(certificate.not_valid_before_utc, certificate.not_valid_after_utc)

    def has_ended(self, now: datetime) -> bool:
        """Whether the period has ended."""
        return self.until is not None and now > self.until

    def __str__(self) -> str:
        return f"{self.since} to {self.until or 'whenever'}"

    def contains(self, now: datetime) -> bool:
        """Whether ``now`` is within the period."""
        return self.since <= now and not self.has_ended(now)


@dataclass(frozen=True, slots=True)
class SignerCertificate:
    """Time-independent facts of a certificate that the authority issued."""

    common_name: str
    public_key: RSAPublicKey
    period: ValidityPeriod
    revoked: bool


class TrustStore:
    """An authority's certificate and, optionally, its revocation list, as read once.

    Caches checked certificates: a check takes 100 µs, and each message has its signer's certificate.
    ``period`` is the validity of the authority, ``revocations_period`` that of its list, ``None`` without
    one. An authority whose serial number isn't positive (``has_valid_serial_number``) is accepted: old
    programs made such ones.
    """

    def __init__(
            self, authority: x509.Certificate, revocations: x509.CertificateRevocationList | None) -> None:
        """Check the authority and its list.

        :raises BusError: they can't be used
        """
        key = authority.public_key()
        if not isinstance(key, RSAPublicKey):
            raise BusError("the authority's key isn't an RSA key, which fedmsg's signatures need")
        if revocations is not None and not _is_issued_by(revocations, authority, key):
            raise BusError("the revocation list isn't signed by the authority")
        self._authority, self._key, self._revocations = authority, key, revocations
        self.period = ValidityPeriod.of(authority)
        self.has_valid_serial_number = authority.serial_number > 0
        self.revocations_period = None if revocations is None else ValidityPeriod(
            revocations.last_update_utc, revocations.next_update_utc)
        self._authority_is_revoked = self._is_revoked(authority)
        self._seen: dict[str, SignerCertificate] = {}

    @classmethod
    def read(cls, ca_file: Path, crl_file: Path | None) -> Self:
        """Read both from PEM files.

        :raises BusError: a file can't be used
        """
        try:
            authority = x509.load_pem_x509_certificate(read_file(ca_file))
        except ValueError as error:
            raise BusError(f"{ca_file}: there's no PEM certificate in it: {error}") from error
        try:
            revocations = None if crl_file is None else x509.load_pem_x509_crl(read_file(crl_file))
        except ValueError as error:
            raise BusError(f"{crl_file}: there's no PEM revocation list in it: {error}") from error
        try:
            read = cls(authority, revocations)
        except (BusError, ValueError, UnsupportedAlgorithm) as error:
            files = f"{ca_file}" if crl_file is None else f"{ca_file}, {crl_file}"
            raise BusError(f"{files}: {error}") from error
        for name, period in (("authority", read.period), ("revocations", read.revocations_period)):
            if period is not None and period.until is not None:
                metrics.trust_valid_until.labels(name).set(period.until.timestamp())
        return read

    def check(self, certificate: str, now: datetime) -> SignerCertificate:
        """Check a signer's ``certificate``, in base64 of PEM, at ``now``; returns its facts.

        :raises MessageRejectedError: it isn't trusted
        """
        signer = self._seen.get(certificate) or self._verified(certificate)
        self._check_authority(now)
        if not signer.period.contains(now):
            over = signer.period.has_ended(now)
            raise MessageRejectedError(
                RejectionReason.CERTIFICATE_EXPIRED if over else RejectionReason.CERTIFICATE_NOT_YET_VALID,
                f"{signer.common_name}'s certificate is for {signer.period}")
        if signer.revoked:
            raise MessageRejectedError(
                RejectionReason.REVOKED, f"{signer.common_name}'s certificate is revoked")
        return signer

    def _check_authority(self, now: datetime) -> None:
        if self._authority_is_revoked or not self.period.contains(now):
            raise MessageRejectedError(
                RejectionReason.AUTHORITY_UNUSABLE, f"the authority is revoked or not for now: {self.period}")
        listed = self.revocations_period
        if listed is not None and not listed.contains(now):
            raise MessageRejectedError(RejectionReason.CRL_UNUSABLE, f"the revocation list is for {listed}")

    def _verified(self, text: str) -> SignerCertificate:
        certificate = _load_certificate(text)
        # Before parsing anything else, so that strangers' certificates aren't parsed.
        if not _is_issued_by(certificate, self._authority, self._key):
            raise MessageRejectedError(
                RejectionReason.UNKNOWN_AUTHORITY, "the certificate isn't signed by the authority")
        # RFC 5280 requires a positive one, revocation lists can't name others, and `cryptography` is about to
        # stop reading them.
        if certificate.serial_number <= 0:
            raise MessageRejectedError(RejectionReason.BAD_CERTIFICATE, "its serial number isn't positive")
        common_name, key = _identity(certificate)
        signer = SignerCertificate(
            common_name, key, ValidityPeriod.of(certificate), self._is_revoked(certificate))
        # Only the authority's certificates are cached, so others can't evict them.
        if len(self._seen) >= REMEMBERED_SIGNERS:
            self._seen.clear()
        self._seen[text] = signer
        return signer

    def _is_revoked(self, certificate: x509.Certificate) -> bool:
        return self._revocations is not None and (
            self._revocations.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None)


def decode_base64(text: str) -> bytes:
    """The bytes of a base64 ``text`` with any line breaks.

    :raises ValueError: it isn't base64
    """
    return base64.b64decode("".join(text.split()), validate=True)


def _load_certificate(text: str) -> x509.Certificate:
    """Parse a message's certificate."""
    if len(text) > LONGEST_CERTIFICATE:
        raise MessageRejectedError(
            RejectionReason.BAD_CERTIFICATE, f"a certificate of {len(text)} characters")
    try:
        return x509.load_pem_x509_certificate(decode_base64(text))
    except (ValueError, x509.InvalidVersion) as error:
        raise MessageRejectedError(
            RejectionReason.BAD_CERTIFICATE,
            f"the certificate isn't base64 of PEM: {short_repr(str(error))}") from error


def _identity(certificate: x509.Certificate) -> tuple[str, RSAPublicKey]:
    """A certificate's first common name and its key."""
    try:
        key = certificate.public_key()
        names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:  # TypeError: a name of an unexpected type
        raise MessageRejectedError(
            RejectionReason.BAD_CERTIFICATE, "the certificate's key or name can't be read") from error
    if not isinstance(key, RSAPublicKey):
        raise MessageRejectedError(RejectionReason.BAD_CERTIFICATE, "the certificate's key isn't an RSA key")
    if not names:
        raise MessageRejectedError(RejectionReason.BAD_CERTIFICATE, "the certificate has no common name")
    if len(name := str(names[0].value)) > LONGEST_NAME:
        raise MessageRejectedError(
            RejectionReason.BAD_CERTIFICATE, f"a common name of {len(name)} characters")
    return name, key


def _is_issued_by(
        issued: x509.Certificate | x509.CertificateRevocationList, authority: x509.Certificate,
        key: RSAPublicKey) -> bool:
    """Whether ``issued`` bears the signature of ``authority`` and names it as the issuer."""
    content = (
        issued.tbs_certificate_bytes if isinstance(issued, x509.Certificate) else issued.tbs_certlist_bytes)
    try:
        algorithm = issued.signature_hash_algorithm
        if algorithm is None:
            return False
        key.verify(issued.signature, content, PKCS1v15(), algorithm)
    except (InvalidSignature, UnsupportedAlgorithm):
        return False
    return issued.issuer == authority.subject
