"""``fmn up``: runs all of FMN in one process, for trials and small sites."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from socket import socket
from threading import Event, Thread
from urllib.parse import urlsplit

import click
import dramatiq

from fmn.administration.hook_management import (
    NewHook,
    add_hook,
    default_topic_prefix,
    hook_url,
    hooks,
    secret_of,
)
from fmn.catalog import catalog
from fmn.cli.current_operator import current_operator
from fmn.cli.demo_mailbox import mailbox_directory
from fmn.cli.processes import stop_on_signals
from fmn.cli.single_instance import single_instance
from fmn.cli.sse import bound_to
from fmn.delivery.email.settings import EmailSettings
from fmn.delivery.sse.about import ABOUT as SSE
from fmn.delivery.sse.settings import SseSettings
from fmn.demo import webhook
from fmn.demo.accounts import DIGEST_USER, PEOPLE, WEBHOOK_USER, create_demo_accounts, write_directory
from fmn.demo.bus import ENVIRONMENT, DemoBus
from fmn.demo.certificates import certificates_in
from fmn.demo.mailbox import mail_server
from fmn.filters.rule_types import rule_types
from fmn.infra import migrations
from fmn.infra.broker import enqueue
from fmn.infra.db import Database
from fmn.monitoring.process_endpoints import serve_endpoints
from fmn.scheduler.periodic_jobs import Scheduler, announcer_jobs, monitoring_jobs, task_jobs
from fmn.settings import CONFIG_VARIABLE, PublishSettings, Settings, load_settings
from fmn.settings.masking import masked
from fmn.sources.configured_sources import configured_sources, opened_sources
from fmn.sources.consumer import Consumer
from fmn.sources.fedora_messaging.publisher import AmqpPublisher
from fmn.wiring import Services, services
from webapp import application
from webapp.server import listening, serve
from webapp.stream.serving import raise_file_limit
from webapp.stream.serving import serve as serve_feed
from webapp.stream.stream_urls import stream_url

#: Milliseconds for running tasks to finish after Ctrl-C. The next start continues unfinished work.
WORKER_STOP = 2_000
#: Seconds for all other threads to stop.
THREAD_STOP = 2


@click.command()
@click.option("--no-demo", is_flag=True, help="Use the bus and the mail server of the ini file.")
@click.pass_context
def up(context: click.Context, no_demo: bool) -> None:
    """Run all of FMN in one process, with a demo bus and a local mailbox.

    Ctrl-C stops it. The next start continues where it stopped.
    """
    config: Path = context.meta[CONFIG_VARIABLE]
    os.environ[CONFIG_VARIABLE] = str(config)
    if context.obj.broker.url != "memory://":
        raise click.ClickException(
            f"{config.name}: fmn up needs fmn.broker.url = memory://. "
            "With RabbitMQ, start fmn consumer, worker, backend and scheduler instead")
    stop = stop_on_signals()
    with ExitStack() as running:
        running.enter_context(single_instance(context.obj.demo.directory, config))
        web = running.enter_context(_address("web", context.obj.web.listen, demo=not no_demo))
        feed = running.enter_context(_feed_address(context.obj, demo=not no_demo))
        if not no_demo:
            running.enter_context(_demo(context.obj, stop))
        settings = load_settings(config)
        migrations.upgrade(Database(settings.database.url))
        if not no_demo:
            create_demo_accounts(Database(settings.database.url), rule_types(settings.bus.environment))
        running.enter_context(_processes(settings, stop))
        running.enter_context(_thread("web", partial(serve, application(services(), trial=True), web), stop))
        if feed is not None:
            running.enter_context(
                _thread("live feed", partial(serve_feed, services(), feed, trial=True), stop))
        click.echo(_welcome(settings, config, demo=not no_demo))
        if not no_demo:
            click.echo(_webhook(services()))
        stop.wait()
        click.echo("Stopping.")


@contextmanager
def _address(section: str, listen: str, *, demo: bool) -> Iterator[socket]:
    """Socket at a section's address. If its port is taken, the demo uses another, also in links."""
    address = urlsplit(f"//{listen}")
    host, port = address.hostname or "", address.port or 0
    with ExitStack() as opened:
        try:
            bound = opened.enter_context(bound_to(f"fmn.{section}.listen", listen))
        except click.ClickException:
            if not demo:
                raise
            bound = opened.enter_context(listening(host, 0))
        if (found := bound.getsockname()[1]) != port:
            base_url = f"http://{address.netloc.rpartition(':')[0]}:{found}"
            os.environ[f"FMN_{section.upper()}_BASE_URL"] = base_url
        yield bound


@contextmanager
def _feed_address(settings: Settings, *, demo: bool) -> Iterator[socket | None]:
    """Socket for the live feed, if it's enabled."""
    if SSE.name not in settings.delivery.channels:
        yield None
        return
    raise_file_limit(SseSettings.of(settings))
    with _address("sse", SseSettings.of(settings).listen, demo=demo) as bound:
        yield bound


@contextmanager
def _demo(settings: Settings, stop: Event) -> Iterator[None]:
    """Run the demo's bus and mailbox, and pass their addresses on as settings in the environment."""
    directory = settings.demo.directory
    certificates = certificates_in(directory / "certificates")
    amqp = AmqpPublisher(
        PublishSettings(environment=ENVIRONMENT), settings.fedora_messaging) if (
        settings.fedora_messaging.urls) else None
    bus = DemoBus(catalog(), certificates, settings.demo.seconds_between_messages, amqp)
    people = directory / "people.json"
    write_directory(catalog(), people)
    with mail_server(mailbox_directory(settings), settings.demo.mail_port, _show) as port:
        os.environ.update({
            "FMN_BUS_ENDPOINTS": " ".join(bus.endpoints),
            "FMN_BUS_VALIDATE_SIGNATURES": "true",
            "FMN_BUS_CA_FILE": str(certificates.authority),
            "FMN_DIRECTORY_OWNERSHIP": "file",
            "FMN_DIRECTORY_ACCOUNTS": "file",
            "FMN_DIRECTORY_FILE": str(people),
            "FMN_EMAIL_HOST": "127.0.0.1",
            "FMN_EMAIL_PORT": str(port),
            "FMN_EMAIL_SECURITY": "none",
        })
        with _thread("demo bus", bus.run, stop):
            yield


@contextmanager
def _processes(settings: Settings, stop: Event) -> Iterator[None]:
    """Run consumer, scheduler, worker and backends as threads."""
    from fmn import actors  # noqa: PLC0415 - they read their settings when they're imported

    database = Database(settings.database.url)
    actors.requeue_unmatched()
    services().enqueue_match = partial(enqueue, actors.match)
    worker = dramatiq.Worker(actors.broker, worker_threads=4)
    worker.start()
    scheduler = Scheduler(
        database, [
            *task_jobs(settings, actors.PERIODIC), *announcer_jobs(database, settings),
            *monitoring_jobs(services())])
    serve_endpoints(services())
    with ExitStack() as running:
        running.callback(worker.stop, timeout=WORKER_STOP)
        running.enter_context(_thread("scheduler", scheduler.run, stop))
        if configured_sources(settings):
            sources = running.enter_context(opened_sources(settings, database))
            consumer = Consumer.from_settings(settings, sources, database, partial(enqueue, actors.match))
            running.enter_context(_thread("consumer", consumer.run, stop))
        yield


@contextmanager
def _thread(name: str, run: Callable[[Event], None], stop: Event) -> Iterator[None]:
    """Run a thread until ``stop`` is set. If it ends earlier, it sets ``stop``."""
    def body() -> None:
        try:
            run(stop)
        finally:
            stop.set()

    thread = Thread(target=body, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(THREAD_STOP)


def _show(recipient: str, mail: EmailMessage) -> None:
    now = datetime.now().astimezone()
    click.echo(f"{now:%H:%M:%S}  mail to {recipient}: {mail['Subject']}")


def _webhook(services: Services) -> str:
    """How to try the demo's webhook, which is added at the first start."""
    settings, now = services.settings, services.database.now()
    new = NewHook(webhook.NAME, webhook.FORGE, default_topic_prefix(settings))
    with services.database.transaction() as session:
        found = next((each for each in hooks(session) if each.name == new.name), None)
        hook = found or add_hook(session, current_operator("fmn up"), new, now)
    url, secret = hook_url(settings, hook.name), secret_of(settings, hook)
    command = webhook.curl_command(url, secret, WEBHOOK_USER, now)
    return f"  webhook   {url}; for a mail to {WEBHOOK_USER}, run in another terminal:\n\n{command}\n"


def _welcome(settings: Settings, config: Path, *, demo: bool) -> str:
    bus = " ".join(settings.bus.endpoints) or "none: fmn.bus.endpoints is empty"
    lines = [
        f"FMN runs with {config.name}. Ctrl-C stops it.",
        f"  bus       {bus}" + (" (demo, signed messages)" if demo else ""),
        f"  database  {settings.database.url}",
        f"  mail      {EmailSettings.of(settings).host}:{EmailSettings.of(settings).port}",
        f"  web       {settings.web.base_url.rstrip('/')}/",
    ]
    if settings.fedora_messaging.urls:
        lines.insert(2, f"  AMQP      {masked(' '.join(settings.fedora_messaging.urls))}")
    if SSE.name in settings.delivery.channels:
        lines.append(f"  live feed {stream_url(settings, 'NICK')}")
    if demo:
        lines += [
            f"  people    {', '.join(PEOPLE)} ({DIGEST_USER} gets digests)",
            f"  mailbox   {mailbox_directory(settings)}; read it with: fmn mailbox",
        ]
    return "\n".join(lines)
