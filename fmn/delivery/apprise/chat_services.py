"""Chat and push services that have a form of their own. Another one is one more entry."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote

from fmn.delivery.apprise.service_forms import ChatService, ServiceField
from fmn.delivery.apprise.settings import AppriseSettings
from fmn.settings import Settings
from fmn.translations import mark

#: Part of a host's name. What begins with a digit has more than that, as for Apprise, which takes any other
#: host of ntfy for one more topic of ntfy.sh.
_LABEL: Final = r"(?:[A-Za-z0-9][A-Za-z0-9-]{0,61}[A-Za-z0-9]|[A-Za-z])"
#: A server's address: with TLS unless it says otherwise, and on the usual port.
_SERVER: Final = (
    r"(?:http(?P<s>s?)://)?(?P<host>(?![A-Za-z0-9.-]{253})"
    rf"(?:(?:[0-9]{{1,3}}\.){{3}}[0-9]{{1,3}}|{_LABEL}(?:\.{_LABEL})*))(?P<port>:[0-9]{{1,5}})?")
#: A phone number, as people write it to other countries.
_NUMBER: Final = r"\+?[0-9]{10,14}"
_COUNTRY_CODE: Final = mark("Enter a number with its country code.")


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.ASCII)


def _server(example: str, value: str = "") -> ServiceField:
    return ServiceField(
        "server", mark("Server"), _pattern(f"{_SERVER}/?"),
        mark("Enter the server’s web address, such as https://chat.example.org."), example, value=value)


def _token(
    label: str, pattern: str, problem: str, example: str = "", hint: str = "", *, required: bool = True,
    name: str = "token",
) -> ServiceField:
    return ServiceField(
        name, label, _pattern(f"(?P<{name}>{pattern})"), problem, example, hint, required=required)


def _at(parts: Mapping[str, str]) -> str:
    return f"{parts['host']}{parts['port']}"


MATRIX: Final = ChatService(
    key="matrix", title="Matrix", icon="brand-matrix", line=mark("A room, through an account for FMN"),
    schemes=("matrixs", "matrix"),
    steps=(
        mark(
            "Create an account for FMN alone on any Matrix server: its access token is worth as much as its "
            "password."),
        mark("In Element, sign in as that account, invite it to the room and join."),
        mark("Copy the account’s access token: All settings → Help & About → Advanced → Access Token."),
        mark("Copy the room’s id: Room settings → Advanced → Internal room ID."),
    ),
    fields=(
        _server("https://matrix.example.org"),
        _token(
            mark("Access token"), r"[A-Za-z0-9._~-]{8,300}",
            mark("Enter the access token: letters, digits and underscores, without blanks.")),
        ServiceField(
            "room", mark("Room"), _pattern(r"(?P<room>[!#@][^\s/?]{1,200})"),
            mark("Enter a room’s id or alias, which begins with ! or #."), "!AbCdEf:example.org"),
    ),
    url=lambda parts: f"matrix{parts['s']}://{parts['token']}@{_at(parts)}/{quote(parts['room'], safe='')}")

SLACK: Final = ChatService(
    key="slack", title="Slack", icon="brand-slack", line=mark("A channel, through an incoming webhook"),
    schemes=("slack",),
    steps=(
        mark("In Slack, open Apps, search for “Incoming WebHooks” and add it to Slack."),
        mark("Choose the channel, and add the integration."),
        mark("Copy the webhook URL."),
    ),
    fields=(ServiceField(
        "webhook", mark("Webhook URL"),
        _pattern(
            r"https://hooks\.slack(?:-gov)?\.com/services/"
            r"(?P<a>[A-Z0-9]{5,20})/(?P<b>[A-Z0-9]{5,20})/(?P<c>[A-Za-z0-9]{15,40})/?"),
        mark("Copy the whole URL from Slack: it begins with https://hooks.slack.com/services/."),
        "https://hooks.slack.com/services/T…/B…/…"),),
    url=lambda parts: f"slack://{parts['a']}/{parts['b']}/{parts['c']}")

MATTERMOST: Final = ChatService(
    key="mattermost", title="Mattermost", icon="brand-mattermost",
    line=mark("A channel, through an incoming webhook"), schemes=("mmosts", "mmost"),
    steps=(
        mark(
            "In Mattermost, open the product menu → Integrations → Incoming Webhooks → Add Incoming "
            "Webhook."),
        mark("Choose the channel and save."),
        mark("Copy the webhook’s URL."),
    ),
    fields=(ServiceField(
        "webhook", mark("Webhook URL"),
        _pattern(_SERVER + r"(?P<path>(?:/[A-Za-z0-9._-]{1,50}){0,3})/hooks/(?P<token>[A-Za-z0-9]{15,40})/?"),
        mark("Copy the whole URL from Mattermost: it has /hooks/ in it."),
        "https://chat.example.org/hooks/…"),),
    url=lambda parts: f"mmost{parts['s']}://{_at(parts)}{parts['path']}/{parts['token']}")

TELEGRAM: Final = ChatService(
    key="telegram", title="Telegram", icon="brand-telegram",
    line=mark("A chat, group or channel, through a bot"), schemes=("tgram",),
    steps=(
        mark("In Telegram, write /newbot to @BotFather, and copy the token that it answers with."),
        mark("Write something to your bot, or add it to the group or channel."),
        mark("Write to @userinfobot to get the id of your own chat; a group’s id begins with a minus."),
    ),
    fields=(
        _token(
            mark("Bot’s token"), r"[0-9]{6,12}:[A-Za-z0-9_-]{30,50}",
            mark("Enter the whole token: a number, a colon, and about 35 letters and digits."),
            "123456789:AAE…"),
        ServiceField(
            "chat", mark("Chat"), _pattern(r"(?P<chat>-?[0-9]{3,20}|@[A-Za-z0-9_]{5,32})"),
            mark("Enter the chat’s number, or a channel’s name that begins with @."), "123456789"),
    ),
    url=lambda parts: f"tgram://{parts['token']}/{parts['chat']}")

DISCORD: Final = ChatService(
    key="discord", title="Discord", icon="brand-discord", line=mark("A channel, through a webhook"),
    schemes=("discord",),
    steps=(
        mark("In Discord, open the channel’s settings → Integrations → Webhooks → New Webhook."),
        mark("Copy the webhook’s URL."),
    ),
    fields=(ServiceField(
        "webhook", mark("Webhook URL"),
        _pattern(
            r"https://(?:(?:canary|ptb)\.)?discord(?:app)?\.com/api(?:/v[0-9]{1,2})?/webhooks/"
            r"(?P<id>[0-9]{15,22})/(?P<token>[A-Za-z0-9_-]{40,100})/?"),
        mark("Copy the whole URL from Discord: it begins with https://discord.com/api/webhooks/."),
        "https://discord.com/api/webhooks/…/…"),),
    url=lambda parts: f"discord://{parts['id']}/{parts['token']}")

NTFY: Final = ChatService(
    key="ntfy", title="ntfy", icon="brand-ntfy", line=mark("A topic on your phone or desktop"),
    schemes=("ntfys", "ntfy"),
    steps=(
        mark("Install the ntfy app, or open the server’s web page."),
        mark("Subscribe to a topic with a name that nobody guesses: whoever knows it can read along."),
        mark("Enter the same name here. A topic that is protected needs an access token, too."),
    ),
    fields=(
        _server("https://ntfy.sh", "https://ntfy.sh"),
        ServiceField(
            "topic", mark("Topic name"), _pattern(r"(?P<topic>[A-Za-z0-9_-]{1,64})"),
            mark("Enter the topic’s name: up to 64 letters, digits, dashes and underscores."),
            "fmn-x8Qe2vLk0a"),
        _token(
            mark("Access token"), r"tk_[a-z0-9]{29}", mark("Enter a token of ntfy, which begins with tk_."),
            "tk_…", mark("Only for a topic that is protected."), required=False),
    ),
    url=lambda parts: (
        f"ntfy{parts['s']}://{parts['token'] and parts['token'] + '@'}{_at(parts)}/{parts['topic']}"))

GOTIFY: Final = ChatService(
    key="gotify", title="Gotify", icon="bell-ring", line=mark("An app on your own server"),
    schemes=("gotifys", "gotify"),
    steps=(
        mark("In Gotify, open Apps → Create application."),
        mark("Copy the application’s token."),
    ),
    fields=(
        _server("https://gotify.example.org"),
        _token(
            mark("Application’s token"), r"[A-Za-z0-9._-]{10,40}",
            mark("Enter the token of an application: about 15 letters and digits."), "A…"),
    ),
    url=lambda parts: f"gotify{parts['s']}://{_at(parts)}/{parts['token']}")

PUSHOVER: Final = ChatService(
    key="pushover", title="Pushover", icon="brand-pushover", line=mark("Your phones, tablets and desktops"),
    schemes=("pover",),
    steps=(
        mark("Sign in at pushover.net, and copy your user key."),
        mark("Choose “Create an Application/API Token”, name it FMN, and copy its token."),
    ),
    fields=(
        _token(
            mark("User key"), r"[A-Za-z0-9]{30}", mark("Enter the user key: 30 letters and digits."),
            name="user"),
        _token(
            mark("Application’s token"), r"[A-Za-z0-9]{30}",
            mark("Enter the application’s token: 30 letters and digits.")),
    ),
    url=lambda parts: f"pover://{parts['user']}@{parts['token']}")

TEAMS: Final = ChatService(
    key="teams", title="Microsoft Teams", icon="brand-teams",
    line=mark("A channel or chat, through a workflow"), schemes=("workflows",),
    steps=(
        mark("In Teams, open the channel’s or chat’s menu (…) → Workflows."),
        mark("Choose “Send webhook alerts to a channel” (or to a chat), and create the workflow."),
        mark("Copy the URL that it shows."),
    ),
    fields=(ServiceField(
        "workflow", mark("Workflow’s URL"),
        _pattern(
            r"https://(?P<host>[a-z0-9.-]{3,200}\.(?:logic\.azure\.com|api\.powerplatform\.com))"
            r"(?P<port>:443)?"
            r"(?P<direct>/powerautomate/automations/direct)?/workflows/(?P<id>[A-Za-z0-9]{10,64})"
            r"/triggers/manual/paths/invoke/?\?(?:[^#\s]{1,300}&)?sig=(?P<sig>[A-Za-z0-9_-]{20,100})"),
        mark("Copy the whole URL from Teams: it has /workflows/ in it, and ends with a signature."),
        "https://….logic.azure.com:443/workflows/…"),),
    url=lambda parts: (
        f"workflows://{_at(parts)}/{parts['id']}/{parts['sig']}{'?pa=yes&ver=1' if parts['direct'] else ''}"))

SIGNAL: Final = ChatService(
    key="signal", title="Signal", icon="brand-signal",
    line=mark("A person, through your own signal-cli-rest-api"), schemes=("signals", "signal"),
    steps=(
        mark("Run signal-cli-rest-api on a server of yours, and register a number with it."),
        mark("Enter that number as the sender, and your own as the recipient."),
    ),
    fields=(
        _server("https://signal.example.org"),
        _token(mark("Sender’s number"), _NUMBER, _COUNTRY_CODE, "+15550100100", name="sender"),
        _token(mark("Recipient’s number"), _NUMBER, _COUNTRY_CODE, "+15550100200", name="recipient"),
    ),
    url=lambda parts: f"signal{parts['s']}://{_at(parts)}/{parts['sender']}/{parts['recipient']}")

#: All of them, in the order of their tiles.
SERVICES: Final[Sequence[ChatService]] = (
    MATRIX, SLACK, MATTERMOST, TELEGRAM, DISCORD, NTFY, GOTIFY, PUSHOVER, TEAMS, SIGNAL)


def offered_services(settings: Settings) -> Sequence[ChatService]:
    """The services that people may use in an installation; none without the channel."""
    if "apprise" not in settings.delivery.channels:
        return ()
    allowed = set(AppriseSettings.of(settings).schemes)
    return [each for each in SERVICES if not allowed.isdisjoint(each.schemes)]


def service_of(address: str) -> ChatService | None:
    """The service that an address belongs to."""
    scheme = address.partition("://")[0].lower()
    return next((each for each in SERVICES if scheme in each.schemes), None)
