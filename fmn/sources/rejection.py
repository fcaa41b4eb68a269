"""Rejection reasons of messages. Each is a metric label, a log field and a sentence."""

from __future__ import annotations

import reprlib
from enum import StrEnum
from typing import Self

_SHORT_REPR = reprlib.Repr()
#: Characters of a sender's text in a rejection; the text may have millions.
_SHORT_REPR.maxstring = _SHORT_REPR.maxother = _SHORT_REPR.maxlong = 80


class RejectionReason(StrEnum):
    """A reason to reject a message, with a sentence in ``description``."""

    _value_: str
    description: str

    def __new__(cls, word: str, description: str) -> Self:
        reason = str.__new__(cls, word)
        reason._value_ = word
        reason.description = description
        return reason

    FRAMES = "frames", "It doesn't consist of two frames, topic and body."
    TOO_LARGE = "too-large", "It has more bytes than fmn.bus.max_message_bytes allows."
    TOPIC_ENCODING = "topic-encoding", "Its first frame, the topic, isn't UTF-8."
    BAD_TOPIC = "bad-topic", "Its topic is empty, too long or has characters that can't be printed."
    NOT_UTF_8 = "not-utf-8", "Its body isn't UTF-8."
    NOT_JSON = "not-json", "Its body isn't JSON, or has a number with thousands of digits."
    TOO_DEEP = "too-deep", "Its body is nested more deeply than any real message."
    NOT_AN_OBJECT = "not-an-object", "Its body is JSON but not an object."
    BAD_PROPERTIES = "bad-properties", "Its AMQP properties or headers can't be decoded."
    UNKNOWN_ENCODING = "unknown-encoding", "Its content encoding isn't UTF-8, ASCII or ISO 8859-1."
    MISSING_TOPIC = "missing-topic", "Its body doesn't repeat the topic."
    ENVELOPE_MISMATCH = "envelope-mismatch", "Its body names another topic than its first frame."
    MISSING_MSG = "missing-msg", "It has no msg field, so nothing happened."
    BAD_MSG_ID = "bad-msg-id", "Its msg_id isn't a text of 1 to 200 printable characters."
    BAD_TIMESTAMP = "bad-timestamp", "Its timestamp is before the year 2000, in the future, or no number."

    IGNORED_TOPIC = "ignored-topic", "Its topic matches none of fmn.bus.topics."
    JUNK = "junk", "Its topic ends in one of fmn.bus.junk_suffixes."
    IGNORED_COPR_OWNER = "ignored-copr-owner", "It is about a Copr of one of fmn.bus.ignored_copr_owners."

    BRIDGED = "bridged", "A bridge brought it from the other bus, which FMN receives from, too."
    UNTRUSTED_ARCHIVE = (
        "untrusted-archive", "Nobody signed it, and fmn.catchup.trusted_sources doesn't name the archive.")

    UNSIGNED = "unsigned", "It carries no signature."
    BACKEND_NOT_ALLOWED = "backend-not-allowed", "It is signed by another method than x509."
    BAD_SIGNATURE_ENCODING = "bad-signature-encoding", "Its signature isn't base64."
    BAD_CERTIFICATE = "bad-certificate", "Its certificate is missing or can't be read."
    UNKNOWN_AUTHORITY = "unknown-authority", "Its certificate isn't from the authority in fmn.bus.ca_file."
    AUTHORITY_UNUSABLE = "authority-unusable", "The authority's own certificate is out of date or revoked."
    CERTIFICATE_EXPIRED = "certificate-expired", "Its certificate has expired."
    CERTIFICATE_NOT_YET_VALID = "certificate-not-yet-valid", "Its certificate isn't valid yet."
    CRL_UNUSABLE = "crl-unusable", "The list in fmn.bus.crl_file is out of date: anybody may be revoked."
    REVOKED = "revoked", "Its certificate has been revoked."
    BAD_SIGNATURE = "bad-signature", "Its signature doesn't fit: it was changed or signed with another key."
    NOT_ALLOWED = "not-allowed", "The routing policy doesn't let its signer send this topic."


class MessageRejectedError(Exception):
    """The message is rejected: ``reason`` is the code, ``detail`` a sentence about this message."""

    def __init__(self, reason: RejectionReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def short_repr(value: object) -> str:
    """Short one-line form of ``value`` for a rejection."""
    return _SHORT_REPR.repr(value)
