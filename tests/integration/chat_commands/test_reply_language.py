"""Chat commands are answered in the language of the account that asks, and strangers in English."""

from __future__ import annotations

import pytest

from fmn.infra.db import Database
from fmn.people.models import User
from tests.factories.people import Person
from tests.integration.chat_commands.test_handler import Counter, code_for, polly

pytestmark = pytest.mark.usefixtures("codes")


@pytest.fixture
def counter(database: Database) -> Counter:
    return Counter(database)


def german(counter: Counter, **how: object) -> Person:
    """Polly, who chose German."""
    person = polly(counter, **how)  # type: ignore[arg-type]
    with counter.database.transaction() as session:
        session.get_one(User, person.user_id).language = "de"
    return person


def test_whoever_chose_german_is_answered_in_german(counter: Counter) -> None:
    german(counter)

    assert counter.says("help")[0] == "FMN sendet deine Benachrichtigungen hierhin. Befehle:"
    assert counter.line("strat") == "Unbekannter Befehl „strat“. Meinst du „start“?"
    assert counter.line("stop") == (
        "Benachrichtigungen per parrot sind jetzt aus. Mit „start“ schaltest du sie ein.")
    assert counter.line("mute moss") == (
        "Für immer stummgeschaltet: das Paket moss. Mit „unmute moss“ hebst du das auf.")
    assert counter.line("mutes") == "das Paket moss, für immer"


def test_strangers_are_answered_in_english_also_after_a_german(counter: Counter) -> None:
    german(counter)
    counter.says("help")

    assert counter.line("help", sender="rob").startswith("rob belongs to no account.")
    assert counter.line("confirm", sender="rob").startswith("Add the code:")


def test_a_confirmation_is_answered_in_the_language_of_the_account_that_it_is_for(counter: Counter) -> None:
    person = german(counter, addresses=(), unconfirmed=["polly"])
    code = code_for(counter, person.address_ids[0])

    assert counter.line("confirm XXXX-XXXX").startswith("That isn’t the code for polly.")
    assert counter.line(f"confirm {code}").startswith("polly ist für das Konto alice bestätigt.")
    assert counter.line("confirm").startswith("Füge den Code hinzu:")
