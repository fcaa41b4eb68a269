"""What can't be done as it was asked for: one sentence, for pages, the API and commands alike."""

from __future__ import annotations

from datetime import datetime


class RefusedError(ValueError):
    """It isn't done. The text says why and what to do; ``field`` is which of the values is to blame."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class LimitError(RefusedError):
    """It isn't done because it was done too often; from ``again`` on it goes."""

    def __init__(self, sentence: str, again: datetime) -> None:
        super().__init__(sentence)
        self.again = again
