"""`./tocsin outbox`: what is not delivered, and what to do about it."""

import click

from bot.ends import settled
from bot.errors import TocsinError


@click.group()
def outbox() -> None:
    """Look at what is not delivered, and decide about it."""


@outbox.command("list")
def list_outbox() -> None:
    """List what is waiting, under way or dead."""
    from bot import app, settings

    async def work() -> None:
        async with app.opened_store(settings.load_store(), beside=True) as store:
            rows = await store.undelivered(500)
        for row in rows:
            click.echo(
                f"{row.id:>8}  {row.state:<8} {row.attempts:>3} tries  {row.key:<40} {row.error or ''}"
            )
        if not rows:
            click.echo("Nothing is waiting and nothing is dead.")

    settled(work)


@outbox.command()
@click.argument("id", type=int)
def retry(id: int) -> None:
    """Try one effect again now."""
    _decide(id, "retry", "will be tried again", "is neither waiting nor dead")


@outbox.command()
@click.argument("id", type=int)
def skip(id: int) -> None:
    """Give one waiting effect up, so that what is behind it goes on."""
    _decide(id, "skip", "is given up", "is not waiting")


def _decide(id: int, what: str, done: str, not_done: str) -> None:
    from bot import app, settings

    async def work() -> None:
        async with app.opened_store(settings.load_store(), beside=True) as store:
            key = await (store.retry(id) if what == "retry" else store.skip(id))
        if key is None:
            raise TocsinError(f"Effect {id} {not_done}. See ./tocsin outbox list. Nothing was changed.")
        click.echo(f"{key} {done}.")

    settled(work)
