"""`tocsin demo`: the bot beside a Slack stand-in."""

import click

from bot.cli.checkout_path import require_demo
from bot.cli.exit_codes import exit_with
from bot.cli.scratch import describe_app, open_starting_scratch


@click.command(short_help="Try it on this machine, with no Slack workspace.")
@click.option("--script", is_flag=True, help="Play one whole incident in the terminal, then exit.")
@click.option("--fast", is_flag=True, help="Divide the runbook's durations by 60.")
def demo(script: bool, fast: bool) -> None:
    """Try it with no Slack workspace: bot, database and a Slack stand-in with its page on this machine."""
    require_demo()
    from sandbox.demo import demo_session as play

    app = describe_app()

    async def work() -> int:
        async with open_starting_scratch("demo") as (folder, starting):
            if script:
                return await play.play_script(folder, (await starting).conninfo(), app)

            async def address() -> str:
                return (await starting).conninfo()

            return await play.open_page(folder, address, app, fast)

    exit_with(work())
