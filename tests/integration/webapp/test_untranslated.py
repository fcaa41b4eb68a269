"""Every page in a language in which each sentence is marked: what isn't marked wasn't translated.

What is no sentence of ours stays out of it: the catalogue's, in elements with ``lang="en"``, code, what
people wrote, and names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from gettext import NullTranslations
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import pytest
from babel import Locale
from webtest import TestApp, TestResponse

from fmn import translations
from fmn.administration.access_revocation import revoke_tokens
from fmn.administration.audit_log import log_action
from fmn.delivery.apprise.chat_services import SERVICES
from fmn.filters.default_filters import DEFAULTS
from fmn.people.accounts import get_or_create_account
from fmn.people.models import DetailValue
from tests.factories.messages import NOON
from tests.integration.webapp.access_matrix import ROWS, AccessCase, Policy, Requester
from tests.integration.webapp.alices_rows import FILTER_NAME, SECRET
from tests.integration.webapp.site import Site, make_site

#: Esperanto, since dates have to be written in some language.
LANGUAGE: Final = "eo"
BEGIN, END = "⟦", "⟧"
#: Marked sentences, with those that are placed in them.
MARKED: Final = re.compile(f"{BEGIN}[^{BEGIN}{END}]*{END}")
WORD: Final = re.compile(r"[^\W\d_]{2,}")
#: What isn't ours to say: names of things, of people, of places, and what they wrote.
DATA: Final = tuple(sorted((
    "mary", "infra", "Tags", "ntfy", "Moss", "FMN", "alice", "root", "mallory", "bob", "tom", FILTER_NAME,
    SECRET,
    "example.org", "UTC", "English", "Esperanto", "Firefox", "Linux", "rpms/moss", "moss", "HTML", "Markdown",
    "Bodhi",
    "package:moss severity:error is:unread", *DEFAULTS, *(service.title for service in SERVICES),
), key=len, reverse=True))
WORDS_OF_DATES: Final = Locale.parse(LANGUAGE)
MONTHS, DAYS = (
    "|".join(name for width in ("wide", "abbreviated") for name in names["format"][width].values())
    for names in (WORDS_OF_DATES.months, WORDS_OF_DATES.days))
DATE: Final = re.compile(rf"\d{{1,2}} [^\W\d_]+ \d{{4}}|(?:(?:{DAYS}), )?\d{{1,2}} (?:{MONTHS})\b")
#: Elements whose text isn't a sentence of ours: a zone's name is the database's.
SKIPPED: Final = frozenset({"code", "pre", "script", "style", "optgroup", "textarea", "time"})
ATTRIBUTES: Final = ("aria-label", "title", "placeholder", "alt")
EMPTY: Final = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "use", "wbr",
})
#: Answers that aren't pages.
NO_PAGES: Final = frozenset({
    "healthz", "livez", "readyz", "feed", "go", "inbox_live", "completions", "account_export",
    "exchange_export", "sign_in_callback", "sign_in_begin", "api_document", "security_txt", "service_worker",
    "manifest", "web_push_key", "inbox_completions", "commands",
    # Of something to watch this leads on to its page, and of nothing it's the form below.
    "watch",
})
PAGES: Final = [
    row for row in ROWS if row.method == "GET" and row.route not in NO_PAGES
    and not row.policy.value.startswith("api ")]


class Marking(NullTranslations):
    """Translations that mark each sentence."""

    def gettext(self, message: str) -> str:
        return f"{BEGIN}{message}{END}"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


class TextOfPage(HTMLParser):
    """Texts and attributes of a page that people read in its language."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        # What is quoted is somebody's, in whatever language.
        quoted = given.get("class") == "quoted"
        foreign = quoted or tag in SKIPPED or given.get("lang") not in (None, LANGUAGE)
        if not (foreign or any(self._open)):
            self.texts += [given[name] or "" for name in ATTRIBUTES if name in given]
        if tag not in EMPTY:
            self._open.append(foreign)

    def handle_endtag(self, tag: str) -> None:
        if tag not in EMPTY:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not any(self._open):
            self.texts.append(data)


def untranslated(page: str) -> list[str]:
    """Texts of a page with words that are neither marked nor data."""
    parser = TextOfPage()
    parser.feed(page)
    # A sentence may have elements in it, and then several texts: put together, it's whole again.
    text = "\n".join(parser.texts)
    while (rest := MARKED.sub(" ", text)) != text:
        text = rest
    text = DATE.sub(" ", text)
    for name in DATA:
        text = text.replace(name, " ")
    return [line.strip() for line in text.splitlines() if WORD.search(line)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Alice's world, in which everybody speaks the language of marks."""
    with pytest.MonkeyPatch.context() as patch:
        translations.languages.cache_clear()
        patch.setattr(translations, "languages", lambda: ("en", LANGUAGE))
        patch.setattr("webapp.languages.languages", lambda: ("en", LANGUAGE))
        patch.setattr(translations, "translations_of", lambda _language: _marking())
        yield from make_site(tmp_path_factory.mktemp("untranslated"))


@cache
def _marking() -> NullTranslations:
    return Marking()


def read(site: Site, browsers: dict[Requester, TestApp], row: AccessCase) -> TestResponse:
    who = Requester.ROOT if row.policy is Policy.ADMINISTRATORS else Requester.ALICE
    return browser_of(who, site, browsers).get(
        row.path(site.own), headers={"Accept-Language": LANGUAGE}, expect_errors=True)


def browser_of(who: Requester, site: Site, browsers: dict[Requester, TestApp]) -> TestApp:
    """The one browser of somebody: at the thirtieth the first would be signed out."""
    if who not in browsers:
        browsers[who] = site.browser(who)
        browsers[who].get("/sign-in")  # for the cookie with the token of forms
    return browsers[who]


def post(
    site: Site, browsers: dict[Requester, TestApp], path: str, status: int | None = None, **fields: str,
) -> TestResponse:
    alice = browser_of(Requester.ALICE, site, browsers)
    return alice.post(
        path, {"csrf_token": alice.cookies["csrf_token"], **fields}, headers={"Accept-Language": LANGUAGE},
        status=status)


@pytest.fixture(scope="module")
def browsers() -> dict[Requester, TestApp]:
    return {}


@pytest.mark.parametrize("row", PAGES, ids=lambda row: row.route)
def test_a_page_says_nothing_untranslated(
    site: Site, browsers: dict[Requester, TestApp], row: AccessCase,
) -> None:
    page = read(site, browsers, row)

    assert page.content_type == "text/html"
    assert f'lang="{LANGUAGE}"' in page.text
    assert untranslated(page.text) == []


@pytest.mark.parametrize("path", ["/nothing-here", "/why/broken", "/confirm/broken", "/unsubscribe/broken"])
def test_neither_does_a_refusal(site: Site, path: str) -> None:
    page = site.browser(Requester.NOBODY).get(
        path, headers={"Accept-Language": LANGUAGE}, expect_errors=True)

    assert f'lang="{LANGUAGE}"' in page.text
    assert untranslated(page.text) == []

#: Rules of which the linter and the rules themselves have something to say.
DRAFTS: Final = (
    "package_filter(moss)", "koji_tag", "koji_tag and koji_untag", "actor(mary) and not actor(mary)",
    "not koji_tag", "not koji_tag or actor(mary)", "regex_filter(a.*b) and actor(mary)",
    "package_filter(mo*)", "actor(mary@example.org)", "severity(high)", "gone_rule(name=mary)", "any()",
    "package_filter(moss) and package_filter(moss)", "severity(info)", 'regex_filter("x{1000}{1000}")',
    'event("gone_event")', "field(path=a..b, value=mary)",
    # What is no expression.
    "koji_tag koji_untag", "koji_tag adn koji_untag", "koji_tag & koji_untag", "koji_tag and $",
    "or koji_tag", "koji_tag and", "(koji_tag", "koji_tag)", "(koji_tag and )", "package_filter('php')",
    'package_filter("php)', "field(a, b)", f"{'not ' * 60}koji_tag", "x" * 20_001,
)


@pytest.mark.parametrize("text", DRAFTS)
def test_neither_does_a_preview(site: Site, browsers: dict[Requester, TestApp], text: str) -> None:
    fragment = post(site, browsers, "/preview", context="email", shape="text", text=text)

    assert BEGIN in fragment.text
    assert untranslated(fragment.text) == []


#: Files of preferences with something wrong in them, each in its own way, and one without.
FILES: Final = (
    "", "{", "=", f"version = 1\nx = {'[' * 200}", "version = 2", "version = 1\nx = 1\ntime_zon = 'UTC'",
    "[]", "version = 1\ntime_zone = 'nowhere'\n[contexts.pigeon]\n[contexts.apprise]",
    """version = 1
    [contexts.email]
    enabled = 1
    addresses = ["mary", 3]
    frequency = {count = "1", times = ["25:00"], days = ["noday"]}
    quiet_hours = []
    filters = [{name = "Moss"}, {name = "Moss", expression = "koji_tag", snoozed_until = "soon"}]
    [[mutes]]
    kind = "everything"
    value = "moss"
    until = 2026-03-14T08:00:00""",
    """version = 1
    [contexts.email]
    addresses = ["mary"]
    frequency = {count = 100000}
    filters = [
        {name = "Moss"}, {name = "", expression = "koji_tag adn"},
        {name = "Moss", expression = "severity(x)"}]
    [[mutes]]
    kind = "package"
    value = \"\"""",
    f"version = 1\n[contexts.email]\nfilters = [{'{name = 3},' * 101}]",
    f"version = 1\n[contexts.email]\nfilters = [{'{name = 3, expression = 4},' * 501}]",
    "version = 1\n[contexts.email]\nfilters = [" + '{name = "Moss", expression = "koji_tag"},' * 501 + "]",
    """version = 1
    time_zone = "Europe/Berlin"
    [contexts.email]
    enabled = false
    addresses = ["moss@example.org"]
    filters = []
    [[mutes]]
    kind = "package"
    value = "moss" """,
)


@pytest.mark.parametrize("content", FILES, ids=range(len(FILES)))
def test_neither_does_what_is_said_of_a_file(
    site: Site, browsers: dict[Requester, TestApp], content: str,
) -> None:
    status = 200 if content == FILES[-1] else 422

    page = post(site, browsers, "/account/preferences", status, content=content)

    assert untranslated(page.text) == []


#: URLs to which nothing can be sent, each for another reason.
URLS: Final = (
    "pigeon://mary", "slack://", "ntfy://ntfy.example.org/moss?verify=no", "ntfy://10.0.0.1/moss",
    "ntfy://ntfy.example.org:1/moss", "matrix://mary:root@example.org", "matrix://mary:root@example.org/#a/#b",
    f"ntfy://ntfy.example.org/{'x' * 500}",
)


@pytest.mark.parametrize("url", URLS)
def test_neither_does_what_is_said_of_an_address(
    site: Site, browsers: dict[Requester, TestApp], url: str,
) -> None:
    page = post(site, browsers, "/preferences/apprise/addresses", 422, address=url)

    assert untranslated(page.text) == []


def test_neither_does_the_audit_log(site: Site, browsers: dict[Requester, TestApp]) -> None:
    with site.services.database.transaction() as session:
        revoke_tokens(session, "root", "root")
        log_action(
            session, "root", "retried deliveries", "", context="email", reason="internal error",
            containing="moss", since=NOON.isoformat(), waiting=True, count=3)
        log_action(session, "root", "stopped a filter", "alice", filter="Moss", filter_id=7, note="FMN")
        log_action(session, "root", "brought over from FMN 2", "alice", contexts=["FMN", "ntfy"])

    page = browser_of(Requester.ROOT, site, browsers).get(
        "/admin/audit", headers={"Accept-Language": LANGUAGE})

    assert f"{BEGIN}revoked API tokens{END}" in page.text
    assert untranslated(page.text) == []


#: What people send FMN through a chat. Names of rules and what they ask are the catalogue's, and English.
COMMANDS: Final = (
    "help", "confirm", "confirm ABCD-EFGH", "list", "list filtrs", "list rules", "list rules bohdi",
    "list rules x", "list filters x", "why", "why 7", "why x", "mute", "mute moss",
    "mute moss until 2100-01-01", "mute moss until 2020-01-01", "mute mary@example.org", "mutes",
    "unmute moss", "unmute moss", "unmute", "pause", "pause for 3 days", "pause until 2020-01-01", "resume",
    "resume", "stop", "stop", "stop it", "start", "start", "start it", "strat", "x",
)


def test_neither_does_an_answer_to_a_chat_command(site: Site) -> None:
    services, sender = site.services, "mary@example.org"
    with services.database.transaction() as session:
        tom = get_or_create_account(session, "tom", ["email"])
        tom.language = LANGUAGE
        session.add(DetailValue(preference=tom.preferences[0], value=sender, confirmed_at=NOON))

    for command in COMMANDS:
        said = services.chat_commands.answer("email", sender, command)
        assert said
        assert untranslated("\n".join(said)) == [], command


#: What the buttons of filters, channels and addresses post.
BUTTONS: Final = (
    ("/preferences/email/switch", {"on": "false"}), ("/preferences/email/switch", {"on": "true"}),
    ("/preferences/email/filters", {"action": "add", "preset": "gone"}),
    ("/filters/{filter}/switch", {"on": "false"}), ("/filters/{filter}/snooze", {"span": "for a week"}),
    ("/filters/{filter}/switch", {"on": "true"}), ("/filters/{filter}/snooze", {"span": "for a week"}),
    ("/filters/{filter}/snooze", {"day": "2020-01-01"}), ("/filters/{filter}/once", {"on": "true"}),
    ("/filters/{filter}/once", {"on": "false"}), ("/filters/{filter}/move", {"position": "0"}),
    ("/filters/{filter}/copy", {"context": "apprise"}), ("/filters/{filter}/copy", {"context": "apprise"}),
    ("/addresses/{address}/resend", {}), ("/addresses/{address}/test", {}),
    *(("/preferences/email/filters", {"action": action})
      for action in ("delete", "delete", "reset", "reset")),
)


@pytest.mark.usefixtures("site")  # for its language: this changes what others read
def test_neither_does_what_a_button_answers(tmp_path: Path) -> None:
    for site in make_site(tmp_path):
        alice = site.browser(Requester.ALICE)
        alice.get("/sign-in")
        for path, form in BUTTONS:
            where = path.format(**site.own.ids)
            answer = alice.post(
                where, {"csrf_token": alice.cookies["csrf_token"], **form},
                headers={"Accept-Language": LANGUAGE}, expect_errors=True)
            page = answer.follow(headers={"Accept-Language": LANGUAGE}) if answer.location else answer
            assert page.content_type == "text/html"
            assert untranslated(page.text) == [], (path, form)


def test_neither_does_the_form_for_something_to_watch(site: Site) -> None:
    page = site.browser(Requester.ALICE).get("/watch", headers={"Accept-Language": LANGUAGE})

    assert f'lang="{LANGUAGE}"' in page.text
    assert untranslated(page.text) == []


def test_what_is_not_marked_is_found() -> None:
    page = (
        f'<html lang="{LANGUAGE}"><p>{BEGIN}Read {BEGIN}the{END} help{END} Help</p>'
        '<b lang="en">No</b></html>')

    assert untranslated(page) == ["Help"]
