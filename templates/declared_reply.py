"""The answer to who declared an incident."""

from bot.domain.results import DeclaredResult
from templates import change_sentences
from templates.paging_sentences import describe_empty_channel
from templates.spans import Bold, ChannelMention, Line

SEPARATOR = ", "
"""Between the names of contacts in a result."""


def _describe_invitation(channel: str) -> Line:
    return (
        ("Go to ", ChannelMention(channel), ".")
        if channel
        else ("I'm opening its channel and will invite you.",)
    )


def render_declared(result: DeclaredResult, reference: str) -> list[Line]:
    """What who declared an incident is told: who commands, who is paged, who is not, what looks alike."""
    body: list[Line] = [
        (Bold(f"{reference} is declared: {result.severity} {result.title}"),),
        (
            "You're the incident commander until you hand over. ",
            *_describe_invitation(result.channel),
        ),
    ]
    if title_was := change_sentences.describe_cut_title(result.cut):
        body.append((title_was.strip(),))
    if result.drill:
        body.append(("This is a drill: nobody is paged. The channel shows who would have been.",))
    if result.private:
        body.append(("Private: only people who are paged or invited see it.",))
    waiting = result.held.split(SEPARATOR)
    if paged := [name for name in result.called.split(SEPARATOR) if name and name not in waiting]:
        body.append((f"Paged: {SEPARATOR.join(paged)}.",))
    if result.held:
        body.append((f"On hold until they acknowledge another page: {result.held}.",))
    if result.empty:
        body.append(
            (
                Bold(f"{describe_empty_channel(result.empty)}."),
                " The @channel message there reaches nobody.",
            )
        )
    elif result.everyone:
        body.append((f"@channel posted in the incidents channel: {result.everyone}.",))
    if result.missing:
        body.append((f"Not paged: {result.missing}. If a phone number is known, it's in the channel.",))
    if result.similar:
        body.append((f"INC-{result.similar} is open and looks like the same problem.",))
    return body
