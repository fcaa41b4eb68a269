"""The language of a page: its reader's choice, else what the browser asks for. Programs get English.

Templates have :func:`fmn.translations.gettext` as ``_``, ``ngettext``, :func:`fill` and what goes into it,
and :func:`english`, :func:`in_english`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from markupsafe import Markup
from pyramid.config import Configurator
from pyramid.response import Response
from pyramid.tweens import EXCVIEW

from fmn.translations import SOURCE_LANGUAGE, current_language, in_language, languages
from webapp.request import Request

View = Callable[[Request], Response]

_END_OF_LINK: Final = Markup("</a>")


def fill(sentence: str, **parts: object) -> Markup:
    """A translated sentence with markup in its placeholders; everything else is escaped.

    ``fill(_("Read {start}the help{end}"), start=link("/help"))``: the end of a link needs no mention.
    """
    return Markup.escape(sentence).format(**{"end": _END_OF_LINK, **parts})


def link(address: str) -> Markup:
    """Start of a link in a sentence."""
    return Markup('<a href="{}">').format(address)


def bold(text: object) -> Markup:
    """A part of a sentence in bold."""
    return Markup("<b>{}</b>").format(text)


def literal(text: object) -> Markup:
    """A part of a sentence that somebody types, or a program says: it's the same in every language."""
    return Markup("<code>{}</code>").format(text)


def english() -> Markup:
    """The attribute of an element whose text is English, on a page of another language: the catalogue's."""
    return Markup("") if current_language() == SOURCE_LANGUAGE else Markup(' lang="en"')


def in_english(text: object) -> Markup:
    """A part of a sentence that is English on a page of every language."""
    return Markup("<span{}>{}</span>").format(english(), text) if english() else Markup.escape(text)


def is_for_programs(request: Request) -> bool:
    """Whether a request is one of programs: all of the API but its reference, which is a page."""
    # As it came: what isn't UTF-8 is refused by whoever looks for a page there.
    path: str = request.environ["PATH_INFO"]
    return path.startswith("/api/") and not path.endswith("/")


def negotiated_language(request: Request) -> str:
    """Code of the language that fits a request best."""
    if is_for_programs(request):
        return SOURCE_LANGUAGE
    found: str = request.accept_language.lookup(languages(), default=SOURCE_LANGUAGE)
    return found


def language_tween(handler: View, _registry: object) -> View:
    """Tween that has each request answered in its language."""
    def tween(request: Request) -> Response:
        with in_language(request.locale_name):
            response = handler(request)
            # By now it's known who asked, and what they have chosen.
            response.headers.setdefault("Content-Language", current_language())
            return response

    return tween


def includeme(config: Configurator) -> None:
    """Choose a language for each request."""
    config.set_locale_negotiator(negotiated_language)
    config.add_tween("webapp.languages.language_tween", over=EXCVIEW)
