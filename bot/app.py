"""The composition root: builds everything from the settings, opens it in order, closes it in reverse."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from bot import performance
from bot.adapters.database import PostgresStore
from bot.adapters.database_startup import is_usable, open_database_address
from bot.adapters.mail import open_mailer
from bot.adapters.paging import PagingGateway, build_account
from bot.adapters.paging.on_call import OnCallGateway
from bot.adapters.remediation.readiness import report_readiness
from bot.adapters.remediation.task_runner import RemediationProcessClient
from bot.adapters.repositories import open_repositories
from bot.adapters.runbook_cache import RunbookCache
from bot.adapters.slack import SlackGateway, list_required_scopes
from bot.adapters.status_pages import StatusPageGateway
from bot.adapters.task_cancellation import cancel_task
from bot.adapters.trackers import open_tracker
from bot.contacts import ContactBook, read_contacts_file
from bot.domain.notices import NOTICES
from bot.errors import SettingsProblem
from bot.ports import BotIdentity
from bot.ports.code_host import CodeRepositories
from bot.ports.diagnostics import DiagnosticExecutor
from bot.ports.remediation import RemediationExecutor
from bot.ports.tracker import Tracker
from bot.services import RunbookVersions, ServiceContext
from bot.settings import Settings
from bot.settings.setting_lookup import read_secret
from bot.workers.diagnostic_run_loop import DiagnosticsWorker
from bot.workers.heartbeat import Heartbeat
from bot.workers.people_names import watch_people_names
from bot.workers.remediations import RemediationWorker
from bot.workers.runbook_watcher import Recognise, RunbookWatcher, find_unreached_contacts, load_first_version
from bot.workers.scheduler import Scheduler
from bot.workers.slack_identity import (
    ensure_workspace,
    find_identity,
)
from bot.workers.startup import build_service_context, record_start, record_start_later
from bot.workers.ticket_reader import TicketReader
from diagnostics.clients.link_check import LinkCheck
from diagnostics.engine.configuration_check import build_missing_check
from diagnostics.engine.worker_client import DiagnosticsWorkerClient
from diagnostics.rendering.charts import ChartProcess
from handlers.outbox import (
    EffectContext,
    RestoreMonitor,
    UnsupportedEffectsMonitor,
    deliver_to_slack,
    page_providers,
)
from handlers.slack.background_tasks import BackgroundTasks
from handlers.slack.bolt_app import build_bolt_app
from handlers.slack.request_context import RequestContext
from handlers.transport.health_endpoints import HealthMonitor
from handlers.transport.http import open_listener, serve
from handlers.transport.routes import build_routes
from handlers.transport.slack_signature import MAX_REQUEST_AGE_S
from handlers.transport.socket_mode import SocketModeClient, open_connector
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
    """Everything up in order; `recognise`, `executor` and `remediator` instead of processes of their own.

    Raises SettingsProblem or another TocsinError before anything is served.
    """
    book = read_contacts_file(settings.contacts)
    async with AsyncExitStack() as stack:
        listener = open_listener(*settings.address)
        stack.callback(listener.close)
        health = HealthMonitor()
        token = settings.slack_bot_token.get_secret_value()
        chat = await stack.enter_async_context(SlackGateway(token, settings.slack_api_url))
        identity = await _meet_slack(settings, chat, health)
        links = await stack.enter_async_context(open_connector(settings))
        store, desk, begin = await _open_desk(stack, settings, health, identity, book)
        restores = RestoreMonitor(desk, chat)
        await restores.check()
        providers = await _open_providers(stack, settings, store, book)
        front = providers.build_request_context(desk, chat, settings)
        stack.push_async_callback(front.errands.finish)
        hands = providers.build_effect_context(desk, chat, identity or NOBODY_YET, settings)
        recognise = recognise or RunbookCache(settings.data_dir)
        rereading = RunbookWatcher(desk, settings.runbook, settings.has, recognise)
        looking = _open_diagnostics(stack, settings, desk, executor, providers.charts)
        scheduler, watch = Scheduler(desk, restores.may_act), UnsupportedEffectsMonitor(desk)
        health.passed_over, health.telling.deliveries = watch.trouble, hands.deliveries
        works = [
            deliver_to_slack(hands, chat, identity, health, restores),
            page_providers(hands, providers.pagers, restores),
            *(worker.run() for worker in (rereading, looking, watch, restores)),
            *_open_remediations(stack, settings, desk, remediator, restores),
            *_list_optional_works(settings, store, chat, health, hands, restores),
            report_readiness(settings, book.approvers),
            watch_people_names(chat, desk),
            providers.pages.watch_components(desk.component_names),
            *begin,
        ]
        for work in works:
            stack.push_async_callback(cancel_task, asyncio.create_task(work))
        scheduler.start()
        stack.push_async_callback(scheduler.stop)
        health.watch(store, lambda: scheduler.last_tick)
        bolt = build_bolt_app(front, token)
        app = build_routes(settings, bolt, chat, health, desk, providers.pagers, providers.pages)
        await stack.enter_async_context(serve(app, listener))
        if links:
            client = SocketModeClient(bolt, links, health.telling.receipts.count)
            health.socket = (await stack.enter_async_context(client)).trouble
        yield RunningBot(listener.getsockname()[:2], desk, health, store, rereading, looking)
        health.draining = True


async def _open_desk(
    stack: AsyncExitStack,
    settings: Settings,
    health: HealthMonitor,
    identity: BotIdentity | None,
    book: ContactBook,
) -> tuple[PostgresStore, ServiceContext, list[Coroutine[None, None, None]]]:
    """The database, what the services share, and what records the start later when it is away now."""
    address = await stack.enter_async_context(open_database_address(settings))
    store = PostgresStore(address, NOTICES, read_secret(settings.database_direct_url))
    stack.push_async_callback(store.close)
    await store.open()
    in_use = await is_usable(address, store)
    await ensure_workspace(store, identity)
    _watch_clocks(health, store)
    editions = RunbookVersions(await load_first_version(settings.runbook, store), store)
    told = find_unreached_contacts(editions.current, book, settings.has)
    desk = build_service_context(settings, store, editions, book)
    health.channel_name = desk.channel_name
    if in_use and await record_start(desk, told):
        return store, desk, []
    return store, desk, [record_start_later(address, store, desk, told)]


@dataclass(frozen=True, slots=True)
class _Providers:
    """Who is asked outside of Slack and the monitored systems."""

    pagers: PagingGateway
    on_call: OnCallGateway
    pages: StatusPageGateway
    hosts: CodeRepositories
    tracker: Tracker | None
    charts: ChartProcess

    def build_request_context(
        self, desk: ServiceContext, chat: SlackGateway, settings: Settings
    ) -> RequestContext:
        errands, url = BackgroundTasks(), settings.runbook_url
        return RequestContext(
            desk, chat, chat.client, errands, self.on_call, settings.has, url, self.pages, self.charts
        )

    def build_effect_context(
        self, desk: ServiceContext, chat: SlackGateway, identity: BotIdentity, settings: Settings
    ) -> EffectContext:
        url, links, mailer = settings.runbook_url, LinkCheck(settings.addresses), open_mailer(settings)
        own = (self.pagers, self.on_call, url, self.pages, self.hosts, self.tracker)
        return EffectContext(desk, chat, identity, *own, links, self.charts, mailer)


async def _open_providers(
    stack: AsyncExitStack, settings: Settings, store: PostgresStore, book: ContactBook
) -> _Providers:
    pagers = await stack.enter_async_context(PagingGateway(build_account(settings), PAGE_TIMEOUT_S))
    pages = StatusPageGateway.build(settings, store, build_site, find_content_type)
    stack.push_async_callback(pages.aclose)
    hosts, tracker = open_repositories(settings), open_tracker(settings)
    stack.push_async_callback(hosts.aclose)
    if tracker is not None:
        stack.push_async_callback(tracker.aclose)
    charts = ChartProcess()
    stack.push_async_callback(charts.aclose)
    return _Providers(pagers, OnCallGateway(book, pagers), pages, hosts, tracker, charts)


def _open_diagnostics(
    stack: AsyncExitStack,
    settings: Settings,
    desk: ServiceContext,
    executor: DiagnosticExecutor | None,
    charts: ChartProcess,
) -> DiagnosticsWorker:
    missing = build_missing_check(settings)
    executor = executor or DiagnosticsWorkerClient(settings, missing, desk.book.settings)
    stack.push_async_callback(executor.aclose)
    return DiagnosticsWorker(desk, executor, charts)


def _open_remediations(
    stack: AsyncExitStack,
    settings: Settings,
    desk: ServiceContext,
    remediator: RemediationExecutor | None,
    restores: RestoreMonitor,
) -> list[Coroutine[None, None, None]]:
    remediator = remediator or RemediationProcessClient(settings)
    stack.push_async_callback(remediator.aclose)
    works = [RemediationWorker(desk, remediator, restores.may_act).run()]
    return [*works, remediator.prepare()] if desk.remediations else works


def _list_optional_works(
    settings: Settings,
    store: PostgresStore,
    chat: SlackGateway,
    health: HealthMonitor,
    hands: EffectContext,
    restores: RestoreMonitor,
) -> Iterator[Coroutine[None, None, None]]:
    """What runs only where a setting asks for it."""
    if hands.tracker:
        yield TicketReader(hands.services, hands.tracker, restores.may_act).run()
    if settings.heartbeat_url:
        heart = Heartbeat(settings.heartbeat_url, store, chat, health, hands.deliveries)
        health.telling.heart = heart
        yield heart.run()


def _watch_clocks(health: HealthMonitor, store: PostgresStore) -> None:
    """Let health know the database's clock, and say in the log which clocks are wrong."""
    health.database_ahead, health.database_jumped = lambda: store.clock_ahead, lambda: store.clock_jumped
    for fault in health.clocks():
        log.warning("%s", fault)


async def _meet_slack(settings: Settings, chat: SlackGateway, health: HealthMonitor) -> BotIdentity | None:
    """Who the bot is, where Slack says so now. Raises SettingsProblem when the clocks would let no request in."""
    health.slack, health.slack_ahead = lambda: chat.trouble, lambda: chat.clock.ahead
    identity = await find_identity(chat)
    if identity:
        health.check_scopes(identity, list_required_scopes())
    if not settings.slack_app_token and abs(chat.clock.ahead) > MAX_REQUEST_AGE_S:
        raise SettingsProblem([f"{fault}. Nothing was started." for fault in health.clocks()])
    return identity
