"""Routing policy: maps topics to the certificates' common names that may sign them.

Anybody with a valid certificate may send other topics, unless the policy is nitpicky.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from fmn.sources.errors import BusError
from fmn.sources.fedmsg.file_reading import read_file
from fmn.sources.rejection import MessageRejectedError, RejectionReason


class RoutingPolicy:
    """Common names by exact topic; ``nitpicky`` rejects other topics."""

    def __init__(self, signers: Mapping[str, Iterable[str]] | None = None, *, nitpicky: bool = False) -> None:
        self._signers = {topic: frozenset(names) for topic, names in (signers or {}).items()}
        self._nitpicky = nitpicky

    @classmethod
    def load(cls, path: Path, *, nitpicky: bool = False) -> Self:
        """The policy in a JSON file ``{topic: [common name, …]}``.

        :raises BusError: the file can't be used
        """
        try:
            signers = json.loads(read_file(path).decode())
        except (ValueError, RecursionError) as error:
            raise BusError(f"{path}: the routing policy isn't JSON: {error}") from error
        if not _is_policy(signers):
            raise BusError(f'{path}: a routing policy looks like {{"a.topic": ["a common name"]}}')
        return cls(signers, nitpicky=nitpicky)

    def check(self, topic: str, signer: str) -> None:
        """Check that ``signer`` may send ``topic``.

        :raises MessageRejectedError: it may not
        """
        names = self._signers.get(topic)
        if names is None and self._nitpicky:
            raise MessageRejectedError(RejectionReason.NOT_ALLOWED, f"the policy names nobody for {topic}")
        if names is not None and signer not in names:
            raise MessageRejectedError(RejectionReason.NOT_ALLOWED, f"{signer} may not send {topic}")


def _is_policy(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(names, list) and all(isinstance(name, str) for name in names) for names in value.values())
