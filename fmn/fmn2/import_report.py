"""Report of an import from FMN 2: counts, then a line for each entry that needs attention."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from fmn.text import pluralize


@dataclass
class ImportReport:
    """Counts of an import, and the entries that need attention.

    ``missing_contexts`` counts users per context that they had enabled and that isn't configured here.
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
        """Add an entry that needs attention."""
        self.needs_attention.append(f"{who}: {what.rstrip('.')}.")

    def lines(self) -> Iterator[str]:
        """The lines of the report: the counts, then the entries that need attention."""
        yield from self.counts()
        yield ""
        yield "Needs attention:" if self.needs_attention else "Nothing needs attention."
        yield from self.needs_attention

    def counts(self) -> Iterator[str]:
        """The lines with the counts."""
        yield (f"{pluralize(self.imported, 'user')} imported, with "
               f"{pluralize(self.contexts, 'channel')}, {pluralize(self.filters, 'filter')} and "
               f"{pluralize(self.addresses, 'confirmed address', 'confirmed addresses')}.")
        if self.already_imported:
            yield f"{pluralize(self.already_imported, 'user')} imported before."
        if self.skipped:
            yield (f"{pluralize(self.skipped, 'user')} skipped, with an account here already: "
                   "use --replace to replace their preferences.")
        if self.filters_off:
            yield f"{pluralize(self.filters_off, 'filter')} disabled that can't be translated."
        for context, people in sorted(self.missing_contexts.items()):
            yield (f"{pluralize(people, 'user')} had {context} enabled, which wasn't imported: "
                   "it isn't in fmn.delivery.channels.")
        if self.queued:
            yield (f"{pluralize(self.queued, 'message')} pending for digests in FMN 2: "
                   "only FMN 2 can send them.")
