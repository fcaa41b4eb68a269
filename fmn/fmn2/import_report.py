"""What came of an import, for a person to read: counts, then one line for each thing that needs somebody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from fmn.text import counted


@dataclass
class Report:
    """Counts, and what needs somebody. ``absent`` counts who had a context switched on that isn't here."""

    imported: int = 0
    again: int = 0
    left_alone: int = 0
    contexts: int = 0
    filters: int = 0
    filters_off: int = 0
    addresses: int = 0
    queued: int = 0
    absent: Counter[str] = field(default_factory=Counter)
    to_do: list[str] = field(default_factory=list)

    def say(self, who: str, what: str) -> None:
        """Note something that needs somebody."""
        self.to_do.append(f"{who}: {what.rstrip('.')}.")

    def lines(self) -> Iterator[str]:
        """The report: the counts, and what needs somebody."""
        yield from self.counts()
        yield ""
        yield "For somebody to look at:" if self.to_do else "Nothing needs anybody."
        yield from self.to_do

    def counts(self) -> Iterator[str]:
        """How much of everything there was."""
        yield (f"{counted(self.imported, 'person', 'people')} brought over, with "
               f"{counted(self.contexts, 'channel')}, {counted(self.filters, 'filter')} and "
               f"{counted(self.addresses, 'confirmed address', 'confirmed addresses')}.")
        if self.again:
            yield f"{counted(self.again, 'person', 'people')} brought over before."
        if self.left_alone:
            yield (f"{counted(self.left_alone, 'person', 'people')} left alone, as they have an account here "
                   "already; --replace puts what they had in FMN 2 in its place.")
        if self.filters_off:
            yield f"{counted(self.filters_off, 'filter')} switched off that can't be the same here."
        for context, people in sorted(self.absent.items()):
            yield (f"{counted(people, 'person', 'people')} had {context} switched on, which isn't among "
                   "fmn.delivery.channels: that wasn't brought over.")
        if self.queued:
            yield (f"{counted(self.queued, 'message')} still waited for digests in FMN 2, "
                   "and only FMN 2 can send them.")
