"""Types of settings that several sections use: parsing from the ini file, and validation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    model_validator,
)

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def _lines(value: object) -> object:
    return tuple(value.split()) if isinstance(value, str) else value


def _optional_path(value: object) -> object:
    return None if value == "" else value


def url_with_scheme(*beginnings: str) -> AfterValidator:
    """Validator for URLs that begin with one of these schemes, such as ``https://``."""
    def check(value: str) -> str:
        if not value.startswith(beginnings):
            raise ValueError(f"It must begin with {' or '.join(beginnings)}")
        _ = urlsplit(value).port  # raises ValueError, with a sentence, if it isn't a number
        return value

    return AfterValidator(check)


def host_and_port(value: str) -> str:
    """Validate a host and a port, such as ``127.0.0.1:6543``. Raises :class:`ValueError`."""
    if (parts := urlsplit(f"//{value}")).port is None or not parts.hostname or parts.netloc != value:
        raise ValueError("it isn't a host and a port, such as 127.0.0.1:6543")
    return value


def web_url(value: str) -> str:
    """Validate an HTTP or HTTPS URL; ``""`` is valid. Raises :class:`ValueError`."""
    if value and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname):
        raise ValueError("it isn't a web address, such as https://example.org")
    return value


def security_contacts(values: tuple[str, ...]) -> tuple[str, ...]:
    """Validate contacts for security.txt (RFC 9116). Raises :class:`ValueError`."""
    for value in values:
        parts = urlsplit(value)
        where = {"https": parts.hostname, "mailto": parts.path, "tel": parts.path}.get(parts.scheme)
        if not where or not value.isascii():
            raise ValueError("they aren't contacts, such as mailto:security@example.org or https://example.org")
    return values


#: Several values, separated by blanks or line ends.
WordList = Annotated[tuple[str, ...], BeforeValidator(_lines)]
#: Whom to tell of a vulnerability.
Contacts = Annotated[WordList, AfterValidator(security_contacts)]
OptionalPath = Annotated[Path | None, BeforeValidator(_optional_path)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
PositiveInt = Annotated[int, Field(gt=0)]
#: What nobody is to see: it isn't in what a section looks like in a log, nor in what's wrong with it.
Secret = Annotated[str, Field(repr=False)]
#: A host and a port; a web address, or "".
HostAndPort = Annotated[str, AfterValidator(host_and_port)]
WebUrl = Annotated[str, AfterValidator(web_url)]


#: The most partitions of a channel: each is a queue, for which each backend opens four connections.
MAX_PARTITIONS: Final = 16
_PARTITIONS: Final = re.compile(r"(?:(?P<channel>[\w-]+)=)?(?P<count>[0-9]{1,2})", re.ASCII)


def partition_counts(words: tuple[str, ...]) -> dict[str, int]:
    """Parse the words of a number of partitions, by channel; ``""`` is for all others.

    Raises :class:`ValueError`.
    """
    found: dict[str, int] = {}
    for word in words:
        parts = _PARTITIONS.fullmatch(word)
        if parts is None or not 1 <= int(parts["count"]) <= MAX_PARTITIONS:
            raise ValueError(
                f"it has to be a number from 1 to {MAX_PARTITIONS}, for a single channel as in email=4")
        if (channel := parts["channel"] or "") in found:
            raise ValueError(f"there are two numbers for {channel or 'all channels'}")
        found[channel] = int(parts["count"])
    return found


def _partition_words(words: tuple[str, ...]) -> tuple[str, ...]:
    partition_counts(words)
    return words


#: Numbers of partitions: one for all channels, or one for a single channel, as in email=4.
PartitionCounts = Annotated[WordList, AfterValidator(_partition_words)]


class SettingsSection(BaseModel):
    """Base class of a section of settings.

    The context of a validation are those of which it's told already what doesn't go together.
    """

    model_config = ConfigDict(hide_input_in_errors=True, extra="forbid", frozen=True)

    def conflicts(self) -> Iterator[str]:
        """Contradictions within the section: a sentence for each, which names all keys concerned."""
        yield from ()

    @model_validator(mode="after")
    def _check_conflicts(self, info: ValidationInfo) -> Self:
        # All of it at once: pydantic's own validators would stop at the first.
        told = type(self) in (info.context or ())
        if not told and (found := list(self.conflicts())):
            raise ValueError("\n".join(found))
        return self


