"""The composition root: builds everything from the settings, opens it in order, closes it in reverse."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from aiohttp.web import Application
from slack_bolt.async_app import AsyncApp

from bot import performance
from bot.adapters.database import PostgresStore
from bot.adapters.database_startup import TRY_EVERY, is_usable, open_database_address, wait_until_usable
from bot.adapters.paging import PagingGateway, build_account
from bot.adapters.paging.on_call import OnCallGateway
from bot.adapters.remediation.readiness import report_readiness
from bot.adapters.remediation.task_runner import RemediationProcessClient
from bot.adapters.repositories import build_rules, open_repositories
from bot.adapters.runbook_cache import RunbookCache
from bot.adapters.slack import SlackGateway, list_required_scopes
from bot.adapters.status_pages import StatusPageGateway, list_page_names
from bot.adapters.task_cancellation import cancel_task
from bot.adapters.trackers import open_tracker
from bot.contacts import ContactBook, read_contacts_file
from bot.domain.notices import NOTICES
from bot.domain.remediation import parse_enabled_kinds
from bot.errors import DatabaseUnavailable, SettingsProblem
from bot.ports import BotIdentity
from bot.ports.diagnostics import DiagnosticExecutor
from bot.ports.remediation import RemediationExecutor
from bot.services import RunbookVersions, ServiceContext, Unreached, run_startup
from bot.settings import DEFAULT_CHANNEL, Settings, read_secret
from bot.workers.diagnostic_run_loop import DiagnosticsWorker
from bot.workers.heartbeat import Heartbeat
from bot.workers.people_names import watch_people_names
from bot.workers.remediations import RemediationWorker
from bot.workers.runbook_watcher import Recognise, RunbookWatcher, find_unreached_contacts, load_first_version
from bot.workers.scheduler import Scheduler
from bot.workers.slack_identity import (
    ensure_workspace,
    find_identity,
    wait_for_identity,
    wait_for_workspace,
)
from bot.workers.ticket_reader import TicketReader
from diagnostics.engine.configuration_check import build_missing_check
from diagnostics.engine.worker_client import DiagnosticsWorkerClient
from diagnostics.rendering.charts import ChartProcess
from handlers.outbox import EffectContext, OutboxWorker, RestoreMonitor, UnsupportedEffectsMonitor
from handlers.slack.background_tasks import BackgroundTasks
from handlers.slack.bolt_app import build_bolt_app
from handlers.slack.request_context import RequestContext
from handlers.transport.health import HealthMonitor
from handlers.transport.http import add_slack_routes, build_web_app, open_listener, serve
from handlers.transport.slack_signature import MAX_REQUEST_AGE_S
from handlers.transport.socket_mode import SocketModeClient, open_connector
from handlers.transport.status_page_route import add_status_page
from handlers.transport.webhooks import add_pagerduty_webhook
from templates.status_page import build_site, find_content_type

log = logging.getLogger(__name__)

NOBODY_YET = BotIdentity("", "", "")
PAGE_TIMEOUT_S = 5.0
"""Seconds that a paging provider's answer is waited for: less than the lease of an effect."""


@dataclass(frozen=True, slots=True)
class RunningBot:
    """A bot that is up: where it listens, and its parts for those who look at them."""

    address: tuple[str, int]
    services: ServiceContext
    health: HealthMonitor
    store: PostgresStore
    runbook_watcher: RunbookWatcher
    looking: DiagnosticsWorker


async def run_bot(settings: Settings, when_ready: Callable[[Settings, RunningBot], None]) -> None:
    """Run until SIGTERM or SIGINT, then finish what is under way and close. SIGHUP reads the runbook again.
    `when_ready` is called once everything is served."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    async with open_bot(settings) as running:
        performance.tune_interpreter()
        path = "/readyz, listening by Socket Mode" if settings.slack_app_token else "/slack/events"
        loop.add_signal_handler(signal.SIGHUP, running.runbook_watcher.now)
        log.info("ready on http://%s:%s%s", *running.address, path)
        when_ready(settings, running)
        await stop.wait()
        log.info("shutting down: finishing the work in progress")


@asynccontextmanager
async def open_bot(
    settings: Settings,
    recognise: Recognise | None = None,
    executor: DiagnosticExecutor | None = None,
    remediator: RemediationExecutor | None = None,
) -> AsyncIterator[RunningBot]:
    """Everything up in order; `recognise` instead of what was kept or a process of its own, `executor` and `remediator`
    likewise.

    Raises SettingsProblem or another TocsinError before anything is served.
    """
    book = read_contacts_file(settings.contacts)
    async with AsyncExitStack() as stack:
        listener = open_listener(*settings.address)
        stack.callback(listener.close)
        health = HealthMonitor()
        chat = await stack.enter_async_context(
            SlackGateway(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
        )
        health.slack, health.slack_ahead = lambda: chat.trouble, lambda: chat.clock.ahead
        identity = await _first_identity(chat, health)
        if not settings.slack_app_token and abs(chat.clock.ahead) > MAX_REQUEST_AGE_S:
            raise SettingsProblem([f"{fault}. Nothing was started." for fault in health.clocks()])
        links = await stack.enter_async_context(open_connector(settings))
        address = await stack.enter_async_context(open_database_address(settings))
        store = PostgresStore(address, NOTICES, read_secret(settings.database_direct_url))
        stack.push_async_callback(store.close)
        await store.open()
        in_use = await is_usable(address, store)
        await ensure_workspace(store, identity)
        _watch_clocks(health, store)
        editions = RunbookVersions(await load_first_version(settings.runbook, store), store)
        told = find_unreached_contacts(editions.current, book, settings.has)
        desk = _desk(settings, store, editions, book)
        health.channel_name = desk.channel_name
        in_use = in_use and await _record_start(desk, told)
        restores = RestoreMonitor(desk, chat)
        await restores.check()
        pagers = await stack.enter_async_context(PagingGateway(build_account(settings), PAGE_TIMEOUT_S))
        on_call, url = OnCallGateway(book, pagers), settings.runbook_url
        pages = StatusPageGateway.build(settings, store, build_site, find_content_type)
        hosts = open_repositories(settings)
        stack.push_async_callback(pages.aclose)
        stack.push_async_callback(hosts.aclose)
        front = RequestContext(desk, chat, chat.client, BackgroundTasks(), on_call, settings.has, url, pages)
        stack.push_async_callback(front.errands.finish)
        if (tracker := open_tracker(settings)) is not None:
            stack.push_async_callback(tracker.aclose)
        hands = EffectContext(desk, chat, identity or NOBODY_YET, pagers, on_call, url, pages, hosts, tracker)
        recognise = recognise or RunbookCache(settings.data_dir)
        rereading = RunbookWatcher(desk, settings.runbook, settings.has, recognise)
        executor = executor or DiagnosticsWorkerClient(settings, build_missing_check(settings), book.settings)
        stack.push_async_callback(executor.aclose)
        charts = ChartProcess()
        stack.push_async_callback(charts.aclose)
        remediator = remediator or RemediationProcessClient(settings)
        stack.push_async_callback(remediator.aclose)
        looking, watch = DiagnosticsWorker(desk, executor, charts), UnsupportedEffectsMonitor(desk)
        health.passed_over = watch.trouble
        works = [_deliver(hands, chat, identity, health, restores), _page(hands, pagers, restores)]
        works += [rereading.run(), looking.run(), watch.run(), restores.run()]
        works.append(RemediationWorker(desk, remediator, restores.may_act).run())
        works += [remediator.prepare()] if desk.remediations else []
        scheduler = Scheduler(desk, restores.may_act)
        health.telling.deliveries = hands.deliveries
        if settings.heartbeat_url:
            heart = Heartbeat(settings.heartbeat_url, store, chat, health, hands.deliveries)
            health.telling.heart = heart
            works.append(heart.run())
        works += [report_readiness(settings, book.approvers), watch_people_names(chat, desk)]
        works.append(pages.watch_components(desk.component_names))
        works += [TicketReader(desk, tracker, restores.may_act).run()] if tracker else []
        works += [] if in_use else [_begin_later(address, store, desk, told)]
        for work in works:
            stack.push_async_callback(cancel_task, asyncio.create_task(work))
        scheduler.start()
        stack.push_async_callback(scheduler.stop)
        health.watch(store, lambda: scheduler.last_tick)
        bolt = build_bolt_app(front, settings.slack_bot_token.get_secret_value())
        app = _pages(bolt, settings, chat, health, desk, pagers, pages)
        await stack.enter_async_context(serve(app, listener))
        if links:
            client = SocketModeClient(bolt, links, health.telling.receipts.count)
            health.socket = (await stack.enter_async_context(client)).trouble
        yield RunningBot(listener.getsockname()[:2], desk, health, store, rereading, looking)
        health.draining = True


def _watch_clocks(health: HealthMonitor, store: PostgresStore) -> None:
    """Let health know the database's clock, and say in the log which clocks are wrong."""
    health.database_ahead, health.database_jumped = lambda: store.clock_ahead, lambda: store.clock_jumped
    for fault in health.clocks():
        log.warning("%s", fault)


async def _record_start(desk: ServiceContext, told: Sequence[Unreached]) -> bool:
    """What a start causes is recorded; not while the database takes no changes."""
    try:
        await run_startup(desk, told)
    except DatabaseUnavailable as away:
        log.warning("starting without the database: it %s", away.why)
        return False
    return True


async def _begin_later(
    address: str, store: PostgresStore, desk: ServiceContext, told: Sequence[Unreached]
) -> None:
    """As soon as the database that was away at the start is there."""
    log.warning("starting without the database: it %s", store.away)
    while True:
        await wait_until_usable(address, store)
        if await _record_start(desk, told):
            log.info("connected to the database; everything is recorded from now on")
            return
        await asyncio.sleep(TRY_EVERY)


def _desk(
    settings: Settings, store: PostgresStore, editions: RunbookVersions, book: ContactBook
) -> ServiceContext:
    runbook = editions.current.runbook
    return ServiceContext(
        store=store,
        runbook_versions=editions,
        channel_name=settings.channel or runbook.war_room or DEFAULT_CHANNEL,
        contacts=book.merge_page_handles(runbook.contacts),
        update_every=settings.update_every,
        call_url=settings.call_url,
        book=book,
        check_in_after=settings.still_on_it,
        remediations=parse_enabled_kinds(settings.remediations)[0],
        status_pages=list_page_names(settings),
        status_approvals=settings.status_approval,
        proposes=build_rules(settings),
        tracker=settings.tracker if settings.tracker_token else "",
        tracks_private=settings.tracker_private,
    )


async def _first_identity(chat: SlackGateway, health: HealthMonitor) -> BotIdentity | None:
    identity = await find_identity(chat)
    return _check_scopes(identity, health) if identity else None


def _check_scopes(identity: BotIdentity, health: HealthMonitor) -> BotIdentity:
    if missing := sorted(list_required_scopes() - identity.scopes) if identity.scopes else []:
        health.scopes = f"the Slack app lacks the scopes {', '.join(missing)}"
        log.error(
            "%s: add them under OAuth & Permissions (or paste manifest.yml again) and reinstall the app",
            health.scopes,
        )
    return identity


async def _page(hands: EffectContext, pagers: PagingGateway, restores: RestoreMonitor) -> None:
    """Ask the paging providers, from the start on: Slack may be away."""
    await pagers.warm(handle for handles in hands.services.book.handles.values() for handle in handles)
    await OutboxWorker(hands, paging=True, may_act=restores.may_act).run()


async def _deliver(
    hands: EffectContext,
    chat: SlackGateway,
    identity: BotIdentity | None,
    health: HealthMonitor,
    restores: RestoreMonitor,
) -> None:
    """Perform effects as soon as Slack has said who the bot is. Nothing where the database is another workspace's."""
    if identity is None:
        identity = _check_scopes(await wait_for_identity(chat), health)
    health.workspace = await wait_for_workspace(hands.services.store, identity)
    if health.workspace:
        log.error("%s", health.workspace)
        return
    delivery = OutboxWorker(replace(hands, identity=identity), may_act=restores.may_post)
    health.locked_out = lambda: delivery.locked_out
    await delivery.run()


def _pages(
    bolt: AsyncApp,
    settings: Settings,
    chat: SlackGateway,
    health: HealthMonitor,
    desk: ServiceContext,
    pagers: PagingGateway,
    pages: StatusPageGateway,
) -> Application:
    app = build_web_app(health.livez, health.readyz, health.metrics)
    if not settings.slack_app_token and settings.slack_signing_secret:
        secret = settings.slack_signing_secret.get_secret_value()
        add_slack_routes(
            app, bolt, secret, slack_time=chat.clock.now, on_receipt=health.telling.receipts.count
        )
    if settings.pagerduty_webhook_secret:
        add_pagerduty_webhook(app, desk, settings.pagerduty_webhook_secret.get_secret_value(), pagers.sender)
    if pages.served is not None:
        add_status_page(app, pages.served.files, find_content_type)
    return app
