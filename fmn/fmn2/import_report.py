"""What came of an import, for a person to read: counts, then one line for each thing that needs somebody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from fmn.text import pluralize


@dataclass
class ImportReport:
    """Counts of an import, and what needs attention.

    ``missing_contexts`` counts people who had a context switched on that isn't configured here.
    """

    imported: int = 0
    already_imported: int = 0
    skipped: int = 0
    contexts: int = 0
    filters: int = 0
    filters_off: int = 0
    addresses: int = 0
    queued: int = 0
    missing_contexts: Counter[str] = field(default_factory=Counter)
    needs_attention: list[str] = field(default_factory=list)

    def add(self, who: str, what: str) -> None:
        """Note something that needs somebody."""
        self.needs_attention.append(f"{who}: {what.rstrip('.')}.")

    def lines(self) -> Iterator[str]:
        """The report: the counts, and what needs somebody."""
        yield from self.counts()
        yield ""
        yield "For somebody to look at:" if self.needs_attention else "Nothing needs anybody."
        yield from self.needs_attention

    def counts(self) -> Iterator[str]:
        """How much of everything there was."""
        yield (f"{pluralize(self.imported, 'person', 'people')} brought over, with "
               f"{pluralize(self.contexts, 'channel')}, {pluralize(self.filters, 'filter')} and "
               f"{pluralize(self.addresses, 'confirmed address', 'confirmed addresses')}.")
        if self.already_imported:
            yield f"{pluralize(self.already_imported, 'person', 'people')} brought over before."
        if self.skipped:
            yield (f"{pluralize(self.skipped, 'person', 'people')} left alone, as they have an account here "
                   "already; --replace puts what they had in FMN 2 in its place.")
        if self.filters_off:
            yield f"{pluralize(self.filters_off, 'filter')} switched off that can't be the same here."
        for context, people in sorted(self.missing_contexts.items()):
            yield (f"{pluralize(people, 'person', 'people')} had {context} switched on, which isn't among "
                   "fmn.delivery.channels: that wasn't brought over.")
        if self.queued:
            yield (f"{pluralize(self.queued, 'message')} still waited for digests in FMN 2, "
                   "and only FMN 2 can send them.")
