"""Translations of what people read: pages, mails' frames and sentences, through gettext.

English stands in the code and is the key. ``fmn/locale/LANGUAGE/LC_MESSAGES/fmn.po`` has another
language; ``make messages`` keeps these files in step with the code. Texts of the catalogue stay English.

Whoever answers a request or renders a mail says once in which language, with :func:`in_language`. That holds
for everything called from there, so that functions far below need no parameter for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Final

#: The language of the code.
SOURCE_LANGUAGE: Final = "en"
DOMAIN: Final = "fmn"
LOCALE_DIRECTORY: Final = Path(__file__).parent / "locale"

_current: ContextVar[str] = ContextVar("language", default=SOURCE_LANGUAGE)


@cache
def languages() -> tuple[str, ...]:
    """Codes of the languages that FMN speaks, English first: ``("en", "de")``."""
    files = LOCALE_DIRECTORY.glob(f"*/LC_MESSAGES/{DOMAIN}.po")
    return SOURCE_LANGUAGE, *sorted(file.parts[-3] for file in files)


@cache
def language_name(language: str) -> str:
    """A language's name in itself: ``Deutsch``."""
    # Imported where somebody chooses a language, and by no worker.
    from babel import Locale  # noqa: PLC0415

    return (Locale.parse(language).get_display_name(language) or language).capitalize()


def current_language() -> str:
    """Code of the language that is spoken now."""
    return _current.get()


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """Speak a language, English if there's no such translation."""
    token = _current.set(language if language in languages() else SOURCE_LANGUAGE)
    try:
        yield
    finally:
        _current.reset(token)


def speak(language: str) -> None:
    """Go on in another language, until the :func:`in_language` around it ends."""
    _current.set(language if language in languages() else SOURCE_LANGUAGE)


def gettext(message: str) -> str:
    """A sentence in the language that is spoken now. Placeholders stay: ``gettext("{n} left")``."""
    language = _current.get()
    return message if language == SOURCE_LANGUAGE else translations_of(language).gettext(message)


def ngettext(singular: str, plural: str, number: float) -> str:
    """A sentence about a number of things, in the language's form for that number, with its placeholders."""
    language = _current.get()
    if language == SOURCE_LANGUAGE:
        return singular if number == 1 else plural
    # A fraction takes the form of many: "1.5 days".
    return translations_of(language).ngettext(singular, plural, int(number) if number == int(number) else 2)


def mark(message: str) -> str:
    """The sentence itself. Marks a constant to be translated, which goes through :func:`gettext` later."""
    return message


@cache
def translations_of(language: str) -> NullTranslations:
    """A language's catalogue, compiled from its file at first use, so that none has to be kept beside it."""
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415

    with (LOCALE_DIRECTORY / language / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        catalog = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)
