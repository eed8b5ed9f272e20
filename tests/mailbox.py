"""A mail server that keeps what arrives, and misbehaves when it is told to."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


class Mailbox:
    """Keeps what arrives. `refusal` answers every recipient, `refusals` some of them by their address; `answer` is what
    is said to a mail, nothing when it is empty: then the connection is cut although the mail is kept. `when_taken` is
    called for each mail that is kept, before it is answered."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.refusal = ""
        self.refusals: dict[str, str] = {}
        self.answer = "250 OK"
        self.when_asked: Callable[[], None] = lambda: None
        self.when_taken: Callable[[], None] = lambda: None

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self.when_asked()
        if refusal := self.refusals.get(address, self.refusal):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.raw.append(envelope.content)
        self.when_taken()
        if not self.answer:
            server.transport.abort()
        return self.answer or "421 gone"


@contextmanager
def serve_mail(box: Mailbox, **options: Any) -> Iterator[int]:
    """Serve it on this machine; gives the port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
