from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog import catalog
from tests.messages import described, facts

BODY = {
    "project": "moss", "version": "2.4", "docId": "moss.pot", "locale": "de", "milestone": "100% Reviewed",
}


def test_a_milestone_is_told_with_document_and_language() -> None:
    told = described("zanata.document.milestone.event", BODY)

    assert facts("zanata.document.milestone.event", BODY).usernames == frozenset()
    assert told.summary == "In moss 2.4, moss.pot is 100% reviewed in the language de"
    assert told.link == "https://fedora.zanata.org/iteration/view/moss/2.4/languages/de"
    assert told.secondary_icon == catalog().applications["zanata"].icon


def test_translated_words_concern_who_translated_them() -> None:
    body = {**BODY, "username": "sam", "wordDeltasByState": {"New": -5, "Translated": 5, "Approved": 0}}
    told = described("zanata.document.stats.event", body)

    assert facts("zanata.document.stats.event", body).agent == "sam"
    assert told.summary == "sam translated words of moss.pot in moss 2.4 into the language de"
    assert told.long == "- New: -5 words\n- Translated: +5 words"


@pytest.mark.parametrize(("body", "summary"), [
    ({**BODY, "changeType": "ADD"}, "In moss 2.4, moss.pot was added to what's to be translated"),
    ({**BODY, "changeType": "REMOVE"}, "In moss 2.4, moss.pot was removed from what's to be translated"),
    ({}, "In a project, a document was added to what's to be translated"),
])
def test_source_documents_come_and_go(body: dict[str, Any], summary: str) -> None:
    assert described("zanata.source.document.changed.event", body).summary == summary
