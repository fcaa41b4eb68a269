"""The routing policy: who may send what.

It maps full topics to the common names that may sign them. A topic that isn't in it may be sent by
anybody with a good certificate, unless the policy is nitpicky.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from fmn.sources.fedmsg.errors import BusError
from fmn.sources.fedmsg.file_reading import read_file
from fmn.sources.fedmsg.rejection import MessageRejectedError, RejectionReason


class RoutingPolicy:
    """Which common names may sign which topics, matched exactly; ``nitpicky`` refuses other topics."""

    def __init__(self, signers: Mapping[str, Iterable[str]] | None = None, *, nitpicky: bool = False) -> None:
        self._signers = {topic: frozenset(names) for topic, names in (signers or {}).items()}
        self._nitpicky = nitpicky

    @classmethod
    def load(cls, path: Path, *, nitpicky: bool = False) -> Self:
        """The policy in a JSON file ``{topic: [common name, …]}``; raises :class:`BusError`."""
        try:
            signers = json.loads(read_file(path).decode())
        except (ValueError, RecursionError) as error:
            raise BusError(f"{path}: the routing policy isn't JSON: {error}") from error
        if not _is_policy(signers):
            raise BusError(f'{path}: a routing policy looks like {{"a.topic": ["a common name"]}}')
        return cls(signers, nitpicky=nitpicky)

    def check(self, topic: str, signer: str) -> None:
        """Raises :class:`MessageRejectedError` if ``signer`` may not send ``topic``."""
        names = self._signers.get(topic)
        if names is None and self._nitpicky:
            raise MessageRejectedError(RejectionReason.NOT_ALLOWED, f"the policy names nobody for {topic}")
        if names is not None and signer not in names:
            raise MessageRejectedError(RejectionReason.NOT_ALLOWED, f"{signer} may not send {topic}")


def _is_policy(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(names, list) and all(isinstance(name, str) for name in names) for names in value.values())
