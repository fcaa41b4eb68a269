"""Parser of archived messages: checks them like live ones, and unsigned ones by who has them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Self

from fmn.catalog import Message
from fmn.infra.clock import utc_now
from fmn.settings import Settings
from fmn.sources.backfill.archived_deliveries import is_delivery, to_delivery
from fmn.sources.backfill.archived_messages import original_forms, to_frames
from fmn.sources.fedmsg.parser import MessageParser
from fmn.sources.fedora_messaging.parser import AmqpMessageParser
from fmn.sources.rejection import MessageRejectedError, RejectionReason


class ArchiveParser:
    """Parser of archived messages of fedmsg and of fedora-messaging. Thread-safe."""

    def __init__(
        self, fedmsg_parser: MessageParser | None, amqp_parser: AmqpMessageParser,
        trusted_sources: Collection[str] = (),
    ) -> None:
        """Without ``fedmsg_parser``, messages of fedmsg are rejected.

        ``trusted_sources`` are the addresses of archives whose AMQP messages are taken: nobody signed those.
        """
        self._fedmsg_parser, self._amqp_parser = fedmsg_parser, amqp_parser
        self._trusted_sources = frozenset(trusted_sources)

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The parser of the settings; without an authority for fedmsg it takes AMQP messages alone.

        :raises BusError: the files of fmn.bus can't be used
        """
        bus, both = settings.bus, settings.receives_from_both_buses
        only_amqp = not bus.endpoints and bus.validate_signatures and bus.ca_file is None
        return cls(
            None if only_amqp else MessageParser.from_settings(bus, ignores_bridged=both),
            AmqpMessageParser(bus, ignores_bridged=both), settings.catchup.trusted_sources)

    def parse(self, row: object, address: str) -> Message:
        """The message in a row of the archive at ``address``.

        :raises MessageRejectedError: it's invalid or unwanted, or unsigned and the archive isn't trusted
        """
        try:
            return self._parse_delivery(row, address) if is_delivery(row) else self._parse_frames(row)
        except RecursionError as error:
            raise MessageRejectedError(
                RejectionReason.TOO_DEEP, "the body has too many levels to be written") from error

    def _parse_delivery(self, row: object, address: str) -> Message:
        assert isinstance(row, dict)
        if address not in self._trusted_sources:
            raise MessageRejectedError(
                RejectionReason.UNTRUSTED_ARCHIVE,
                f"nobody signed it, and fmn.catchup.trusted_sources doesn't name {address}")
        return self._amqp_parser.parse(to_delivery(row), utc_now())

    def _parse_frames(self, row: object) -> Message:
        if self._fedmsg_parser is None:
            raise MessageRejectedError(
                RejectionReason.UNKNOWN_AUTHORITY, "it's a message of fedmsg, and fmn.bus.ca_file is missing")
        *others, last = original_forms(row)
        for form in others:
            try:
                return self._fedmsg_parser.parse(to_frames(form))
            except MessageRejectedError as error:
                if error.reason is not RejectionReason.BAD_SIGNATURE:
                    raise
        return self._fedmsg_parser.parse(to_frames(last))
