"""The language of a page: what the browser asks for, of those that FMN speaks. Programs get English.

Templates have :func:`fmn.translations.gettext` as ``_``, ``ngettext``, and :func:`fill`.
"""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup
from pyramid.config import Configurator
from pyramid.response import Response
from pyramid.tweens import EXCVIEW

from fmn.translations import SOURCE_LANGUAGE, in_language, languages
from webapp.request import Request

View = Callable[[Request], Response]


def fill(sentence: str, **parts: object) -> Markup:
    """A translated sentence with markup in its placeholders; everything else is escaped.

    ``fill(_("Read {start}the help{end}"), start=Markup('<a href="/help">'), end=Markup("</a>"))``
    """
    return Markup.escape(sentence).format(**parts)


def negotiated_language(request: Request) -> str:
    """Code of the language that fits a request best."""
    # As it came: what isn't UTF-8 is refused by whoever looks for a page there.
    if request.environ["PATH_INFO"].startswith("/api/"):
        return SOURCE_LANGUAGE
    found: str = request.accept_language.lookup(languages(), default=SOURCE_LANGUAGE)
    return found


def language_tween(handler: View, _registry: object) -> View:
    """Tween that has each request answered in its language."""
    def tween(request: Request) -> Response:
        with in_language(request.locale_name):
            response = handler(request)
        response.headers.setdefault("Content-Language", request.locale_name)
        return response

    return tween


def includeme(config: Configurator) -> None:
    """Choose a language for each request."""
    config.set_locale_negotiator(negotiated_language)
    config.add_tween("webapp.languages.language_tween", over=EXCVIEW)
