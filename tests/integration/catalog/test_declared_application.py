"""An application described in a file: from the posted event to the mail, and changed without a restart."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from fmn.catalog import current
from fmn.catalog.current import follow_directory
from fmn.delivery.email.settings import EmailSettings
from fmn.filters.editing import add_filter
from fmn.filters.expressions import Rule
from fmn.filters.models import Filter
from fmn.filters.spec import FilterSpec
from fmn.infra.cache import MemoryCache
from fmn.matching.index.loading import unusable_filters
from fmn.people.accounts import get_or_create_account
from fmn.people.api_tokens import create_token
from fmn.people.models import Preference
from fmn.settings import CatalogSettings, DatabaseSettings, Settings, WebSettings
from fmn.wiring import Services
from tests.factories.databases import tables_in
from tests.factories.matching import match
from tests.factories.messages import NO_THROTTLING
from tests.factories.people import make_person
from tests.integration.webapp.signing_in import new_browser
from tests.servers.smtp import SmtpServer

GARDEN = Path(__file__).parents[3] / "docs" / "sources" / "event-types" / "garden.toml"
SICK = {
    "gardener": {"name": "mary"}, "findings": [{"text": "Aphids."}],
    "plant": {"id": 7, "name": "the old moss", "health": "sick", "owners": ["alice"]}}


class Installation:
    """FMN with a directory of event types, whose web app and worker are this process."""

    def __init__(self, services: Services, directory: Path, smtp_server: SmtpServer) -> None:
        self.services, self.directory, self.smtp_server = services, directory, smtp_server
        self.stored: list[int] = []
        services.enqueue_match = self.stored.extend
        with services.database.transaction() as session:
            root = get_or_create_account(session, "root", ["email"])
            _, token = create_token(session, root.id, "garden", ["publish"], None)
        self.program = new_browser(services, {"HTTP_AUTHORIZATION": f"Bearer {token}"})

    def happens(self, number: int, kind: str = "garden.plant.checked", body: Any = SICK) -> list[str]:
        """An event is posted; returns the subjects of the mails that came of it."""
        before = len(self.smtp_server.mails)
        event = {"specversion": "1.0", "id": str(number), "source": "garden", "type": kind, "data": body}
        self.program.post(
            "/events", json.dumps(event), content_type="application/cloudevents+json", status=202)
        ids, self.stored[:] = list(self.stored), []
        for context, deliveries in match(self.services.batch_matcher, ids).items():
            self.services.backend.deliver(context, deliveries)
        return [str(mail.message["Subject"]) for mail in self.smtp_server.mails[before:]]

    def change(self, old: str, new: str) -> None:
        """Edit the file, and let its processes look at it."""
        file = self.directory / "garden.toml"
        file.write_text(file.read_text().replace(old, new))
        for _ in range(3):
            self.services.rule_types  # noqa: B018 - the look at the files that it takes


@pytest.fixture
def installation(
    tmp_path: Path, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Installation]:
    directory = tmp_path / "event-types"
    directory.mkdir()
    shutil.copy(GARDEN, directory)
    monkeypatch.setattr(current, "CHECK_SECONDS", 0.0)
    with tables_in(f"sqlite:///{tmp_path}/fmn.sqlite") as database:
        services = Services(Settings(
            database=DatabaseSettings(url=database.url), catalog=CatalogSettings(directory=directory),
            web=WebSettings(base_url="http://localhost", secret="of the tests", administrators=("root",)),
            flood=NO_THROTTLING,
        ).with_channels(email=EmailSettings(host=smtp_server.host, port=smtp_server.port)))
        services.cache = MemoryCache()
        yield Installation(services, directory, smtp_server)
        services.backend.close()
        services.database.close()
        follow_directory(None)


def wants(services: Services, rule: str) -> None:
    """Alice wants to be told of what a rule matches."""
    person = make_person(services.database, packages=())
    with services.database.transaction() as session:
        preference = session.get_one(Preference, person.preference_id)
        add_filter(session, preference, FilterSpec(name=rule, expression=Rule(rule)))


def test_a_posted_event_is_a_mail_with_the_file_s_words(installation: Installation) -> None:
    wants(installation.services, "garden_plant_sick")

    assert installation.happens(1) == ["mary found the old moss sick"]
    assert installation.happens(1) == []
    assert installation.happens(2, body={"plant": {"health": "fine", "name": "fern"}}) == []
    text = installation.smtp_server.mails[-1].content.decode()
    assert "- Aphids." in text
    assert "https://garden.example.org/plants/7" in text


def test_a_changed_file_counts_without_a_restart(installation: Installation) -> None:
    wants(installation.services, "garden_plant_sick")
    assert installation.happens(1) == ["mary found the old moss sick"]

    # When the words change, mails have the new ones
    installation.change("found {plant.name} {plant.health}", "says: {plant.name} is {plant.health}!")
    assert installation.happens(2) == ["mary says: the old moss is sick!"]

    # When it's broken, the version before stays
    installation.change('severity = "error"', "severity = ")
    assert installation.happens(3) == ["mary says: the old moss is sick!"]

    # When the rule goes, filters that ask for it are kept and told of, but match nothing
    installation.change("severity = ", 'severity = "error"')
    installation.change('rule = "garden_plant_sick"', 'rule = "garden_plant_ill"')
    assert installation.happens(4) == []
    services = installation.services
    with services.database.reading() as session:
        (unusable,) = unusable_filters(session, services.rule_types)
        assert (unusable.nick, unusable.name) == ("alice", "garden_plant_sick")
        assert "unknown rule 'garden_plant_sick'" in unusable.reason
        assert session.scalars(select(Filter.enabled)).all() == [True]

    # When it comes back, so do the mails
    installation.change('rule = "garden_plant_ill"', 'rule = "garden_plant_sick"')
    assert installation.happens(5) == ["mary says: the old moss is sick!"]
