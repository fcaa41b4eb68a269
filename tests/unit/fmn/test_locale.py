"""The translations: complete, in step with the code, and with the same placeholders."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from fmn.translations import DOMAIN, LOCALE_DIRECTORY, SOURCE_LANGUAGE, languages

PROJECT = Path(__file__).parents[3]
LANGUAGES = [language for language in languages() if language != SOURCE_LANGUAGE]
#: Words that a translation's glossary has replaced.
REPLACED = {"de": re.compile(r"\b(?:passt|passen|passende|gepasst|aufhalten|aufgehalten|Kennung|Konsument)")}
#: A sentence, and its form for several if it has one.
Key = tuple[str, ...]


@cache
def sentences() -> frozenset[Key]:
    """What `make messages` finds in code and templates."""
    mappings = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    methods = [(each["pattern"], each["method"]) for each in mappings]
    options = {each["pattern"]: {"input_encoding": "utf-8"} for each in mappings}
    return frozenset(
        (message,) if isinstance(message, str) else tuple(message)
        for package in ("fmn", "webapp")
        for _, _, message, *_ in extract_from_dir(
            PROJECT / package, methods, options, keywords={**DEFAULT_KEYWORDS, "mark": None}))


@cache
def catalogue(language: str) -> Catalog:
    with (LOCALE_DIRECTORY / language / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        return read_po(file, locale=language)


def key(message: Message) -> Key:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def translations(language: str) -> Iterator[tuple[Key, Collection[str]]]:
    """Each sentence, and its translation in each form."""
    for message in catalogue(language):
        if message.id:
            forms = message.string or ""
            yield key(message), [forms] if isinstance(forms, str) else forms


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, *_ in string.Formatter().parse(sentence) if name is not None}


def test_no_sentence_stands_where_extraction_does_not_look() -> None:
    # Within an f-string it's a part of a token to Python 3.11's tokenizer, which Babel reads code with.
    hidden = [
        f"{file.relative_to(PROJECT)}:{call.lineno}"
        for package in ("fmn", "webapp") for file in sorted((PROJECT / package).rglob("*.py"))
        for text in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        and call.func.id in {"gettext", "ngettext", "mark", "_"} and isinstance(call.args[0], ast.Constant)]
    assert hidden == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_the_sentences_of_the_code_and_no_others(language: str) -> None:
    found = {each for each, _ in translations(language)}

    assert sentences() - found == set(), "run make messages, and translate what it adds"
    assert found - sentences() == set(), "run make messages"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language: str) -> None:
    assert [each for each, forms in translations(language) if not all(forms)] == []
    assert [each.id for each in catalogue(language) if each.fuzzy] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_placeholders_of_its_sentence(language: str) -> None:
    for each, forms in translations(language):
        for form in forms:
            # One day needs no number, as in English: "every day".
            assert placeholders(form) <= placeholders(each[-1]), form
        assert placeholders(list(forms)[-1]) == placeholders(each[-1]), each


def test_placeholders_have_names() -> None:
    numbered = [each for each in sentences() if any(
        not name.isidentifier() for form in each for name in placeholders(form))]

    assert numbered == []


@pytest.mark.parametrize("language", REPLACED)
def test_a_term_has_the_word_of_the_glossary(language: str) -> None:
    assert [form for _, forms in translations(language) for form in forms
            if REPLACED[language].search(form)] == []
