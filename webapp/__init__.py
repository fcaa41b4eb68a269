"""Web app: pages, forms and API over FMN's models. ``pserve production.ini`` and ``fmn up`` run it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from pyramid.config import Configurator

from fmn.catalog.current import log_catalog_problems
from fmn.infra.garbage_collection import exempt_imports
from fmn.infra.logs import configure_logging
from fmn.monitoring.process_endpoints import serve_web_endpoints
from fmn.settings import settings_from
from fmn.wiring import Services
from webapp.auth.trial_sign_in import configure_trial
from webapp.request import Request, WsgiApplication
from webapp.server import shorten_thread_switch_interval

#: The parts of the app in the order in which they're put together.
PARTS: Final = (
    "pyramid_mako",
    "webapp.transactions",
    "webapp.auth.sessions",
    "webapp.auth.security",
    "webapp.languages",
    "webapp.request_validation",
    "webapp.rate_limits",
    "webapp.oidc",
    "webapp.routes",
    "webapp.views",
    "webapp.api",
)

PYRAMID_SETTINGS: Final[Mapping[str, object]] = {
    "mako.directories": "webapp:templates",
    # What is escaped is the rule; a template says where something is markup already.
    "mako.default_filters": "h",
    "mako.imports":
        "from fmn.translations import gettext as _, ngettext\n"
        "from webapp.languages import bold, english, fill, in_english, link, literal\n"
        "from webapp.times import day_element, time_after_preposition, time_element",
    # A name that a view didn't give is a mistake of ours, and no empty place on a page.
    "mako.strict_undefined": True,
}


def main(global_config: Mapping[str, str], **settings: str) -> WsgiApplication:
    """WSGI app from an ini file's settings, for ``pserve``; environment variables override them.

    Raises :class:`~fmn.errors.OperatorError`.
    """
    read = settings_from(settings, global_config.get("__file__", "the settings"), os.environ)
    configure_logging(read.log)
    services = Services(read)
    log_catalog_problems()
    serve_web_endpoints(services)
    shorten_thread_switch_interval()
    app = application(services)
    exempt_imports()
    return app


def application(services: Services, *, trial: bool = False) -> WsgiApplication:
    """WSGI app over these services. In a ``trial``, as run by ``fmn up``, anyone may sign in as anyone.

    Raises :class:`~fmn.settings.SettingsError` if there is no secret to sign links with, or the settings ask
    for trial sign-in outside a trial.
    """
    made: WsgiApplication = configured(services, trial=trial).make_wsgi_app()
    return made


def configured(services: Services, *, trial: bool = False) -> Configurator:
    """Configurator of the app, to which more may be added before it's made."""
    config = Configurator(settings=dict(PYRAMID_SETTINGS), request_factory=Request)
    config.registry.services = services
    config.registry.links = services.links
    configure_trial(config, trial=trial)
    for part in PARTS:
        config.include(part)
    return config
