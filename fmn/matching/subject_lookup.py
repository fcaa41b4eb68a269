"""Subjects by what people type: words that name them, completions, and whether anything is known of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from itertools import chain, islice
from typing import Final

from sqlalchemy.orm import Session

from fmn.directory.snapshot import GROUP_MARK, Directory
from fmn.errors import UserError
from fmn.filters.expressions import ME
from fmn.filters.watch_subjects import (
    FIELD,
    Subject,
    SubjectKind,
    parse_subject,
    possible_subjects,
    subject_or_none,
)
from fmn.matching.completion import Completer, CompletionKind
from fmn.text import shorten, split_list
from fmn.translations import gettext

#: Subjects that a text may name. Whoever follows more adds the rest afterwards.
MAX_SUBJECTS: Final = 20
#: Letters at the beginning that a misspelt word has in common with what was meant.
SAME_LETTERS: Final = 2
#: Known subjects that are offered for one that isn't.
MAX_SIMILAR: Final = 3
#: Characters of the text that names them.
MAX_TEXT_LENGTH: Final = 2_000
#: Completions of each kind, most of what people follow first: 20 in all.
_MOST: Final[Mapping[SubjectKind, int]] = {
    SubjectKind.PACKAGE: 10, SubjectKind.PERSON: 5, SubjectKind.GROUP: 3, SubjectKind.APPLICATION: 2}
_COMPLETED: Final[Mapping[SubjectKind, CompletionKind]] = {
    SubjectKind.PACKAGE: CompletionKind.PACKAGES, SubjectKind.PERSON: CompletionKind.USERS,
    SubjectKind.GROUP: CompletionKind.GROUPS, SubjectKind.APPLICATION: CompletionKind.APPLICATIONS}


class SubjectLookup:
    """Looks subjects up in the directory, in recent traffic and in the catalogue."""

    def __init__(
        self, session: Session, completer: Completer, directory: Directory, now: datetime,
    ) -> None:
        self._session = session
        self._completer = completer
        self._directory = directory
        self._now = now

    def is_known(self, subject: Subject) -> bool:
        """Whether the directory, recent traffic or the catalogue has the name."""
        return subject.name in self._names(subject.kind, subject.name)

    def maintains_packages(self, subject: Subject) -> bool:
        """Whether the subject is a group that maintains packages, as far as the directory knows."""
        return subject.kind is SubjectKind.GROUP and subject.name in self._completer.complete(
            self._session, self._directory, CompletionKind.OWNING_GROUPS, subject.name, self._now)

    def similar(self, missed: Subject) -> Sequence[Subject]:
        """Known subjects that may be meant by an unknown one.

        Those of its name and another kind come first, then those of a similar name, then of a longer one.
        """
        others = (subject_or_none(kind, missed.name) for kind in SubjectKind if kind is not missed.kind)
        same = (each for each in others if each is not None and self.is_known(each))
        longer = self._beginning_with(missed.kind, missed.name)
        found = dict.fromkeys(chain(same, self._nearest(missed), longer))
        return list(islice(found, MAX_SIMILAR))

    def read(self, text: str) -> Sequence[Subject]:
        """The subjects that a text names, each once. Raises :class:`~fmn.errors.UserError`."""
        words = split_list(text)
        if len(text) > MAX_TEXT_LENGTH or len(words) > MAX_SUBJECTS:
            raise UserError(gettext(
                "Name {n} at most. You can add more later.").format(n=MAX_SUBJECTS), FIELD)
        return list(dict.fromkeys(map(self._subject, words)))

    def complete(self, beginning: str) -> Sequence[str]:
        """Words that begin with ``beginning`` and name subjects, as :meth:`read` reads them."""
        kind, colon, name = beginning.strip().partition(":")
        if not colon:
            name = kind.removeprefix(GROUP_MARK)
            kind = "" if name == kind else SubjectKind.GROUP
        kinds = [each for each in SubjectKind if not kind or each == kind.lower()]
        found = chain.from_iterable(
            islice(self._beginning_with(each, name), _MOST[each]) for each in kinds)
        return list(dict.fromkeys(each.written for each in found))

    def _subject(self, word: str) -> Subject:
        said = parse_subject(word)
        if said is not None:
            return said
        possible = list(possible_subjects(word))
        known = [each for each in possible if self.is_known(each)]
        if known:
            return known[0]
        if not possible:
            impossible = gettext("“{name}” can’t be the name of a package, person or group.")
            raise UserError(impossible.format(name=shorten(word)), FIELD)
        raise UserError(_unknown(word, possible, self._close_to(word)), FIELD)

    def _close_to(self, word: str) -> Sequence[str]:
        """Completions of a word, or else what looks like it and begins with the same letters."""
        if found := self.complete(word):
            return found
        # The first of several with one name is what people mean most often.
        close = {
            each.rpartition("/")[2].rpartition(":")[2]: each
            for each in reversed(self.complete(word[:SAME_LETTERS]))}
        return [close[name] for name in get_close_matches(word, close, n=1)]

    def _beginning_with(self, kind: SubjectKind, beginning: str) -> Iterator[Subject]:
        for name in self._names(kind, beginning):
            for whole in self._whole_names(kind, name):
                if (found := subject_or_none(kind, whole)) is not None:
                    yield found

    def _nearest(self, missed: Subject) -> Iterator[Subject]:
        """Subjects of a kind and of similar names; a package's in its namespace, if it has one there."""
        namespace, slash, name = missed.name.rpartition("/")
        near = self._completer.nearest(
            self._session, self._directory, _COMPLETED[missed.kind], name, self._now, MAX_SIMILAR)
        for each in near:
            inside = f"{namespace}{slash}{each}"
            known = bool(slash) and inside in self._names(missed.kind, inside)
            names = [inside] if known else self._whole_names(missed.kind, each)
            yield from filter(None, (subject_or_none(missed.kind, found) for found in names))

    def _names(self, kind: SubjectKind, beginning: str) -> Sequence[str]:
        found = self._completer.complete(
            self._session, self._directory, _COMPLETED[kind], beginning, self._now)
        return [name for name in found if name != ME]

    def _whole_names(self, kind: SubjectKind, name: str) -> Sequence[str]:
        return list(self._namespaces(name) if kind is SubjectKind.PACKAGE else ()) or [name]

    def _namespaces(self, name: str) -> Iterator[str]:
        """The name of a package with each namespace that has one of this name."""
        if "/" not in name:
            for ownership in (self._directory.committers, self._directory.watchers):
                yield from (f"{namespace}/{name}" for namespace in ownership if name in ownership[namespace])


def _unknown(word: str, possible: Sequence[Subject], close: Sequence[str]) -> str:
    first, *others = [each.written for each in possible[:2]]
    anyway = gettext("{one} or {other}").format(one=first, other=others[0]) if others else first
    said = (
        gettext("We don’t know “{name}”. Did you mean {close}? To follow it anyway, write {anyway}.") if close
        else gettext("We don’t know “{name}”. To follow it anyway, write {anyway}."))
    return said.format(name=shorten(word), close="".join(close[:1]), anyway=anyway)
