"""Apprise: SMS gateways, e-mail, Telegram, ntfy and the like, by an address in a setting. Blocking; run in threads.

Apprise knows no key by which a repeated message could be told from a new one: what may go out twice says so.
"""

import logging
import re
import threading
from datetime import timedelta

from pydantic import SecretStr

from bot.domain.page_provider import PageOutcome, PageRequest, PageResponse

STATUS = re.compile(r"error=(\d{3})\b")
SOON = timedelta(seconds=5)
LOG = "apprise"


class _CapturedLog(logging.Handler):
    """What Apprise says on one thread while it sends: its answer is only yes or no. Nothing of it is shown or kept but
    an HTTP status: it names addresses."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._thread = threading.get_ident()
        self.status = 0

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread and (found := STATUS.search(record.getMessage())):
            self.status = int(found[1])


def notify(setting: str, address: SecretStr | None, call: PageRequest) -> PageResponse:
    """Send one message. `setting` is the name under which people know the address."""
    if address is None:
        return _build_refusal(f"{setting} is not set, so nothing could be sent by it.")
    import apprise

    log = logging.getLogger(LOG)
    log.propagate = False  # it would write addresses down
    log.setLevel(logging.WARNING)
    asset = apprise.AppriseAsset(
        app_id="Tocsin", app_desc="Incidents", app_url="", async_mode=False, http_redirects=False
    )
    heard = _CapturedLog()
    log.addHandler(heard)
    try:
        sender = apprise.Apprise.instantiate(
            address.get_secret_value(), asset=asset, suppress_exceptions=True
        )
        if sender is None:
            return _build_refusal(f"{setting} does not hold an address that Apprise knows.")
        service = str(sender.service_name)
        sent = sender.notify(title=_title(call), body=_body(call), notify_type=apprise.NotifyType.FAILURE)
    finally:
        log.removeHandler(heard)
    return _answer(service, bool(sent), heard.status)


def import_apprise() -> None:
    """Import Apprise with its plugins, which takes about 0.2 s."""
    import apprise

    apprise.Apprise.instantiate("json://localhost", suppress_exceptions=True)


def _answer(service: str, sent: bool, status: int) -> PageResponse:
    if sent:
        return PageResponse(PageOutcome.ACCEPTED, f"{service} has accepted the message.")
    if status == 429:
        return _build_refusal(f"{service} has had too many messages (429).", SOON)
    if 300 <= status < 500:
        return _build_refusal(f"{service} refused ({status}).")
    said = f"{service} failed ({status})" if status else f"{service} gave no answer"
    return PageResponse(PageOutcome.UNKNOWN, f"{said}: the message may have gone out or not.")


def _title(call: PageRequest) -> str:
    return f"Again: {call.summary}" if call.again else call.summary


def _body(call: PageRequest) -> str:
    again = "You may have had this message before; it is the same page." if call.again else ""
    return "\n".join(filter(None, (call.details or call.summary, call.link, again)))


def _build_refusal(sentence: str, again_after: timedelta | None = None) -> PageResponse:
    return PageResponse(PageOutcome.REFUSED, sentence, again_after=again_after)
