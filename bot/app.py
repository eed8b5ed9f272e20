"""The wiring: builds everything from the settings, opens it in order, closes it in reverse. Nothing else assembles."""

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.apart import recognised_apart
from bot.contacts import ContactBook, read_file
from bot.delivery import Delivery, Hands
from bot.errors import TOKEN_CODES, ChatError, ChatRefused, SettingsProblem, TocsinError
from bot.lifecycle import Desk, Editions, begin
from bot.looking.apart import Apart
from bot.looking.asking import Asking
from bot.looking.lacking import lacking
from bot.looking.loop import Looking
from bot.pager import Pagers, account
from bot.pager.on_call import OnCallSources
from bot.ports import Identity
from bot.postgres import PrivatePostgres
from bot.rereading import Recognise, Rereading, first_edition, tell_unreached, unreadable
from bot.runbook import Unreadable, decode
from bot.scheduler import Scheduler
from bot.settings import Settings, StoreSettings, set_libpq_names_aside
from bot.slack import SlackChat, needed_scopes
from bot.store import PostgresStore, migrate
from handlers import actions, commands, events, home, shortcuts, views
from handlers.errands import Errands
from handlers.front import Front, Preferred, answer_faults
from handlers.health import Health
from handlers.http import OLDEST_REQUEST, add_slack, listening, serving, web_app
from handlers.socket import Socket, opened_links
from handlers.webhooks import add_pagerduty

log = logging.getLogger(__name__)

DEFAULT_CHANNEL = "incident-response"
NOBODY_YET = Identity("", "", "")
PAGED_WITHIN = 5.0
"""Seconds that a paging provider's answer is waited for: less than the lease of an effect."""

STOPS_WITHIN = 6.0
"""Seconds for a loop to end: a little more than what is under way is given."""

ASK_AGAIN = 5.0
"""Seconds between attempts to learn from Slack who the bot is."""


@dataclass(frozen=True, slots=True)
class Running:
    """A bot that is up: where it listens, and its parts for those who look at them."""

    address: tuple[str, int]
    desk: Desk
    health: Health
    store: PostgresStore
    rereading: Rereading
    looking: Looking


async def run(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT, then finish what is under way and close. SIGHUP reads the runbook again."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    async with started(settings) as running:
        # What is loaded now stays: the collector need not look through all of it again, which takes it 30 ms and more.
        gc.collect()
        gc.freeze()
        # A provider's thread that pages somebody does not wait 5 ms for each of its turns, nor does an answer for it.
        sys.setswitchinterval(0.001)
        path = "/readyz, listening by Socket Mode" if settings.slack_app_token else "/slack/events"
        loop.add_signal_handler(signal.SIGHUP, running.rereading.now)
        log.info("ready on http://%s:%s%s", *running.address, path)
        await stop.wait()
        log.info("stopping: finishing what is under way")


@asynccontextmanager
async def started(
    settings: Settings, recognise: Recognise = recognised_apart, asking: Asking | None = None
) -> AsyncIterator[Running]:
    """Everything up in order; `asking` instead of a process of its own.

    Raises SettingsProblem or another TocsinError before anything is served.
    """
    book = _book(settings)
    async with AsyncExitStack() as stack:
        listener = listening(*settings.address)
        stack.callback(listener.close)
        health = Health()
        chat = await stack.enter_async_context(
            SlackChat(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
        )
        health.slack, health.slack_ahead = lambda: chat.trouble, lambda: chat.clock_ahead
        identity = await _first_identity(chat, health)
        if not settings.slack_app_token and abs(chat.clock_ahead) > OLDEST_REQUEST:
            raise SettingsProblem([f"{each}. Nothing was started." for each in health.clocks()])
        links = await stack.enter_async_context(opened_links(settings))
        store = await stack.enter_async_context(opened_store(settings))
        health.database_ahead = lambda: store.clock_ahead
        for each in health.clocks():
            log.warning("%s", each)
        editions = Editions(await first_edition(settings.runbook, store), store)
        tell_unreached(editions.current, book, settings.has)
        desk = _desk(settings, store, editions, book)
        health.channel_name = desk.channel_name
        await begin(desk)
        pagers = await stack.enter_async_context(Pagers(account(settings), PAGED_WITHIN))
        on_call, url = OnCallSources(book, pagers), settings.runbook_url
        front = Front(desk, chat, chat.client, Errands(), on_call, settings.has, url)
        stack.push_async_callback(front.errands.finish)
        hands = Hands(desk, chat, identity or NOBODY_YET, store.installation, pagers, on_call, url)
        rereading = Rereading(desk, settings.runbook, settings.has, recognise)
        asking = asking or Apart(settings, lacking(settings), book.settings)
        stack.push_async_callback(asking.aclose)
        looking = Looking(desk, asking)
        for work in (
            _deliver(hands, chat, identity, health),
            _page(hands, pagers),
            rereading.run(),
            looking.run(),
        ):
            stack.push_async_callback(_stopped, asyncio.create_task(work))
        scheduler = Scheduler(desk)
        scheduler.start()
        stack.push_async_callback(scheduler.stop)
        health.watch(store, lambda: scheduler.last_tick)
        bolt = bolt_app(front, settings)
        await stack.enter_async_context(serving(_pages(bolt, settings, desk, health), listener))
        if links:
            health.socket = (await stack.enter_async_context(Socket(bolt, links))).trouble
        yield Running(listener.getsockname()[:2], desk, health, store, rereading, looking)
        health.draining = True


def _desk(settings: Settings, store: PostgresStore, editions: Editions, book: ContactBook) -> Desk:
    runbook = editions.current.runbook
    return Desk(
        store=store,
        editions=editions,
        channel_name=settings.channel or runbook.war_room or DEFAULT_CHANNEL,
        contacts=book.called(runbook.contacts),
        update_every=settings.update_every,
        book=book,
        still_after=settings.still_on_it,
    )


def bolt_app(front: Front, settings: Settings) -> AsyncApp:
    """The Bolt application with every listener. Signatures are checked before anything reaches it."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None, team_id=None, bot_token=settings.slack_bot_token.get_secret_value()
        )

    quiet = logging.getLogger("bot.bolt")
    quiet.setLevel(logging.ERROR)  # or every start would warn that the client's token is not asked for
    bolt = Preferred(
        front.desk.precedence,
        logger=quiet,
        client=front.client,
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=False,
        raise_error_for_unhandled_request=False,
    )
    # Bolt asks one listener after the other: what comes in numbers goes first.
    for surface in (commands, events, home, shortcuts, views, actions):
        surface.listen(bolt, front)
    answer_faults(bolt)
    return bolt


async def _first_identity(chat: SlackChat, health: Health) -> Identity | None:
    """Ask Slack who the bot is. A wrong token ends the start; a Slack that is away does not."""
    try:
        return _greeted(await chat.identity(), health)
    except ChatRefused as refusal:
        if refusal.code in TOKEN_CODES:
            raise SettingsProblem(
                [
                    f"SLACK_BOT_TOKEN is refused by Slack ({refusal.code}). "
                    "Copy the Bot User OAuth Token again from your Slack app, OAuth & Permissions."
                ]
            ) from None
        raise
    except ChatError as error:
        log.warning("Slack does not answer yet: %s", error)
        return None


def _greeted(identity: Identity, health: Health) -> Identity:
    if missing := sorted(needed_scopes() - identity.scopes) if identity.scopes else []:
        health.scopes = f"the Slack app lacks the scopes {', '.join(missing)}"
        log.error(
            "%s: add them under OAuth & Permissions (or paste manifest.yml again) and reinstall the app",
            health.scopes,
        )
    return identity


@asynccontextmanager
async def database(settings: StoreSettings, beside: bool = False) -> AsyncIterator[str]:
    """The address of the bot's own database, up to date: the one that is set, else a private PostgreSQL.

    `beside` a running bot its private PostgreSQL is used as it is, and left running.
    """
    set_libpq_names_aside()
    if settings.database_url is not None:
        address = settings.database_url.get_secret_value()
        await migrate(address)
        yield address
        return
    private = PrivatePostgres(settings.data_dir, settings.postgres_bin)
    await (private.attach() if beside else private.start())
    watching = asyncio.create_task(_keep_up(private), name="private PostgreSQL")
    try:
        await migrate(private.conninfo())
        yield private.conninfo()
    finally:
        await _stopped(watching)
        await private.stop()


@asynccontextmanager
async def opened_store(settings: StoreSettings, beside: bool = False) -> AsyncIterator[PostgresStore]:
    """The database, opened; see `database` for `beside`."""
    async with database(settings, beside) as address, PostgresStore(address) as store:
        yield store


async def _keep_up(private: PrivatePostgres) -> None:
    """Start the private PostgreSQL again when it died."""
    while True:
        await asyncio.sleep(1)
        try:
            await private.ensure_running()
        except TocsinError as error:
            log.error("the private PostgreSQL cannot be started again: %s", error)


def _book(settings: Settings) -> ContactBook:
    """The contacts file. When it cannot be used, an unreadable runbook is said in the same breath."""
    try:
        return read_file(settings.contacts)
    except SettingsProblem as problem:
        try:
            decode(settings.runbook.read_bytes())
        except (OSError, Unreadable) as error:
            raise SettingsProblem([*problem.problems, unreadable(settings.runbook, error)]) from None
        raise


async def _page(hands: Hands, pagers: Pagers) -> None:
    """Ask the paging providers, from the start on: Slack may be away."""
    await pagers.warm(each for handles in hands.desk.book.handles.values() for each in handles)
    await Delivery(hands, paging=True).run()


async def _deliver(hands: Hands, chat: SlackChat, identity: Identity | None, health: Health) -> None:
    """Perform effects as soon as Slack has said who the bot is."""
    while identity is None:
        await asyncio.sleep(ASK_AGAIN)
        try:
            identity = _greeted(await chat.identity(), health)
        except ChatError as error:
            log.warning("Slack does not answer yet: %s", error)
    delivery = Delivery(replace(hands, identity=identity))
    health.locked_out = lambda: delivery.locked_out
    await delivery.run()


def _pages(bolt: AsyncApp, settings: Settings, desk: Desk, health: Health) -> web.Application:
    app = web_app(health.livez, health.readyz, health.metrics)
    if not settings.slack_app_token and settings.slack_signing_secret:
        add_slack(app, bolt, settings.slack_signing_secret.get_secret_value())
    if settings.pagerduty_webhook_secret:
        add_pagerduty(app, desk, settings.pagerduty_webhook_secret.get_secret_value())
    return app


async def _stopped(task: asyncio.Task[None]) -> None:
    """Before Python 3.12 `asyncio.wait_for`, by which the pool waits for a connection, loses a cancellation that comes
    in the moment when it has what it waits for: then it is asked once more."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=STOPS_WITHIN)
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("%s ended with %r", task.get_name(), error)
