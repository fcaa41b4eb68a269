"""Sentences in other languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fmn import translations
from fmn.translations import current_language, gettext, in_language, languages, ngettext, speak

CATALOGUE = r"""
msgid ""
msgstr ""
"Language: eo\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"Content-Type: text/plain; charset=utf-8\n"

msgid "Inbox"
msgstr "Ricevujo"

msgid "{n} filter"
msgid_plural "{n} filters"
msgstr[0] "{n} filtrilo"
msgstr[1] "{n} filtriloj"
"""


@pytest.fixture(autouse=True)
def esperanto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A site with one translation, of two sentences."""
    file = tmp_path / "eo/LC_MESSAGES/fmn.po"
    file.parent.mkdir(parents=True)
    file.write_text(CATALOGUE)
    monkeypatch.setattr(translations, "LOCALE_DIRECTORY", tmp_path)
    _forget()
    yield
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    translations.languages.cache_clear()
    translations.translations_of.cache_clear()


def test_there_are_english_and_what_is_translated() -> None:
    assert languages() == ("en", "eo")


def test_a_sentence_is_said_in_the_language_around_it() -> None:
    assert gettext("Inbox") == "Inbox"
    with in_language("eo"):
        assert gettext("Inbox") == "Ricevujo"
    assert gettext("Inbox") == "Inbox"


def test_a_sentence_without_a_translation_stays_english() -> None:
    with in_language("eo"):
        assert gettext("Mutes") == "Mutes"


def test_an_unknown_language_is_english() -> None:
    with in_language("tlh"):
        assert (current_language(), gettext("Inbox")) == ("en", "Inbox")


@pytest.mark.parametrize(("number", "english", "translated"), [
    (0, "{n} filters", "{n} filtriloj"),
    (1, "{n} filter", "{n} filtrilo"),
    (1.5, "{n} filters", "{n} filtriloj"),
    (2, "{n} filters", "{n} filtriloj"),
])
def test_a_number_of_things_has_its_form(number: float, english: str, translated: str) -> None:
    assert ngettext("{n} filter", "{n} filters", number) == english
    with in_language("eo"):
        assert ngettext("{n} filter", "{n} filters", number) == translated


def test_speaking_ends_with_what_is_around_it() -> None:
    with in_language("en"):
        speak("eo")
        assert gettext("Inbox") == "Ricevujo"
    assert gettext("Inbox") == "Inbox"
