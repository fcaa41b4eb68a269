"""``fmn publish``: publishes a message on the bus."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from fmn.settings import Settings
from fmn.sources.errors import BusError
from fmn.sources.publishers import Publishers


@click.command()
@click.argument("topic")
@click.argument("message", metavar="JSON")
@click.option("--wait", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS",
              help="Wait so long for subscribers of fedmsg to connect. Default: fmn.publish.settle_seconds.")
@click.pass_obj
def publish(settings: Settings, topic: str, message: str, wait: float | None) -> None:
    """Publish a JSON message on the buses of fmn.publish.bus.

    TOPIC is the part after prefix and environment, such as "bodhi.update.comment", or a full topic.
    JSON is the message's body, or "-" to read it from standard input.
    """
    msg = _parsed(sys.stdin.read() if message == "-" else message)
    how = settings.publish if wait is None else settings.publish.model_copy(update={"settle_seconds": wait})
    try:
        with Publishers(how, settings.fedora_messaging) as publisher:
            body = publisher.publish(topic, msg)
    except BusError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Published {body['msg_id']} as {body['topic']}.")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise click.ClickException(f"the message isn't JSON: {error}") from error
