"""The routes of the bot's HTTP server: health, and what the settings open beside it."""

from aiohttp.web import Application
from slack_bolt.async_app import AsyncApp

from bot.adapters.paging import PagingGateway
from bot.adapters.slack import SlackGateway
from bot.adapters.status_pages import StatusPageGateway
from bot.services import ServiceContext
from bot.settings import Settings
from bot.settings.tracker_settings import parse_tracker
from handlers.transport.health_endpoints import HealthMonitor
from handlers.transport.http import add_slack_routes, build_web_app
from handlers.transport.status_page_route import add_status_page
from handlers.transport.tracker_webhook_route import add_tracker_webhook
from handlers.transport.webhooks import add_pagerduty_webhook
from templates.status_page import find_content_type


def build_routes(
    settings: Settings,
    bolt: AsyncApp,
    chat: SlackGateway,
    health: HealthMonitor,
    desk: ServiceContext,
    pagers: PagingGateway,
    pages: StatusPageGateway,
) -> Application:
    """Slack's requests unless they come by Socket Mode, the webhooks of PagerDuty and the tracker where they have
    a secret, and the status page that is served from here."""
    app = build_web_app(health.livez, health.readyz, health.metrics)
    if not settings.slack_app_token and settings.slack_signing_secret:
        secret, count = settings.slack_signing_secret.get_secret_value(), health.telling.receipts.count
        add_slack_routes(app, bolt, secret, slack_time=chat.clock.now, on_receipt=count)
    if settings.pagerduty_webhook_secret:
        secret = settings.pagerduty_webhook_secret.get_secret_value()
        add_pagerduty_webhook(app, desk, secret, pagers.sender)
    if desk.tracker and settings.tracker_webhook_secret:
        named, secret = parse_tracker(settings.tracker), settings.tracker_webhook_secret.get_secret_value()
        add_tracker_webhook(app, desk, named.kind, named.place, secret, health.telling.webhooks.count)
    if pages.served is not None:
        add_status_page(app, pages.served.files, find_content_type)
    return app
