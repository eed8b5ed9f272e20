"""The answer to who declared an incident."""

from collections.abc import Mapping

from templates import change_sentences
from templates.paging_sentences import describe_empty_channel
from templates.spans import Bold, ChannelMention, Line


def _describe_invitation(channel: str) -> Line:
    return (
        ("Go to ", ChannelMention(channel), ".")
        if channel
        else ("I'm opening its channel and will invite you.",)
    )


def render_declared(facts: Mapping[str, str], reference: str) -> list[Line]:
    """What who declared an incident is told: who commands, who is paged, who is not, what looks alike."""
    body: list[Line] = [
        (Bold(f"{reference} is declared: {facts['severity']} {facts['title']}"),),
        (
            "You're the incident commander until you hand over. ",
            *_describe_invitation(facts.get("channel", "")),
        ),
    ]
    if title_was := change_sentences.describe_cut_title(facts):
        body.append((title_was.strip(),))
    if facts.get("drill"):
        body.append(("This is a drill: nobody is paged. The channel shows who would have been.",))
    if facts.get("private"):
        body.append(("Private: only people who are paged or invited see it.",))
    if facts["called"]:
        body.append((f"Paged: {facts['called']}.",))
    if facts.get("held"):
        body.append((f"On hold until they acknowledge another page: {facts['held']}.",))
    if facts.get("empty"):
        body.append(
            (
                Bold(f"{describe_empty_channel(facts['empty'])}."),
                " The @channel message there reaches nobody.",
            )
        )
    elif facts["everyone"]:
        body.append((f"@channel posted in the incidents channel: {facts['everyone']}.",))
    if facts["missing"]:
        body.append((f"Not paged: {facts['missing']}. If a phone number is known, it's in the channel.",))
    if facts["similar"]:
        body.append((f"INC-{facts['similar']} is open and looks like the same problem.",))
    return body
