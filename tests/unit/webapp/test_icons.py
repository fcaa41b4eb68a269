"""Icons of what pages show."""

from __future__ import annotations

import re
from pathlib import Path

from fmn.catalog import catalog
from fmn.channels import channel_type
from fmn.delivery.apprise.chat_services import SERVICES
from fmn.settings.installed_channels import channel_names
from webapp.icons import ANY_APPLICATION, APPLICATIONS, SEVERITIES, STATES, application_icon, channel_icon

WEBAPP = Path(__file__).parents[3] / "webapp"
SPRITE = set(re.findall(r'<symbol id="([\w-]+)"', (WEBAPP / "static/icons.svg").read_text(encoding="utf-8")))


def test_every_icon_is_in_the_sprite() -> None:
    channels = {channel_type(name).icon for name in channel_names()}
    services = {each.icon for each in SERVICES} - {""}
    shown = {
        *APPLICATIONS.values(), ANY_APPLICATION, *SEVERITIES.values(), *STATES.values(), *channels, *services}
    assert shown <= SPRITE


def test_templates_name_only_icons_of_the_sprite() -> None:
    named = {
        name for file in (WEBAPP / "templates").glob("*.mako")
        for name in re.findall(r'icon\("([\w-]+)"', file.read_text(encoding="utf-8"))}
    assert named <= SPRITE


def test_applications_have_icons_as_the_catalogue_names_them() -> None:
    assert set(APPLICATIONS) <= set(catalog().applications)
    assert application_icon("oven") == ANY_APPLICATION


def test_a_channel_that_is_not_installed_has_an_icon() -> None:
    assert (channel_icon("email"), channel_icon("pigeon")) == ("mail", "bell")
