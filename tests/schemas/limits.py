"""Slack's limits, which its types do not say, laid over the generated definitions.

A place is `Definition.property`, with `[]` for the items of a list; `*` stands for every definition with the property.
A bound counts what the type suggests: characters of a string or of a text object, items of a list, a number itself.
Source: what Slack was seen to refuse, and the pages of the blocks, elements and methods at docs.slack.dev/reference.
"""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

Schema = dict[str, Any]
Definitions = dict[str, Schema]

BOUNDS: Mapping[str, tuple[int, int | None]] = {
    "*.action_id": (1, 255),
    "*.block_id": (1, 255),
    "*.placeholder": (1, 150),
    "*.option_groups": (1, 100),
    "*.option_groups[].label": (1, 75),
    "*.option_groups[].options": (1, 100),
    "ActionsBlock.elements": (1, 25),
    "AlertBlock.text": (1, 200),
    "Button.text": (1, 75),
    "Button.value": (1, 2000),
    "Button.url": (1, 3000),
    "Button.accessibility_label": (1, 75),
    "Checkboxes.options": (1, 10),
    "ConfirmationDialog.title": (1, 100),
    "ConfirmationDialog.text": (1, 300),
    "ConfirmationDialog.confirm": (1, 30),
    "ConfirmationDialog.deny": (1, 30),
    "ContextBlock.elements": (1, 10),
    "DateTimepicker.initial_date_time": (1_000_000_000, 9_999_999_999),
    "HeaderBlock.text": (1, 150),
    "HomeView.callback_id": (0, 255),
    "HomeView.external_id": (0, 255),
    "HomeView.private_metadata": (0, 3000),
    "ImageBlock.alt_text": (1, 2000),
    "ImageBlock.image_url": (1, 3000),
    "ImageBlock.title": (1, 2000),
    "ImageElement.alt_text": (1, 2000),
    "ImageElement.image_url": (1, 3000),
    "InputBlock.hint": (1, 2000),
    "InputBlock.label": (1, 2000),
    "MarkdownBlock.text": (1, 12_000),
    "ModalView.callback_id": (0, 255),
    "ModalView.close": (1, 24),
    "ModalView.external_id": (0, 255),
    "ModalView.private_metadata": (0, 3000),
    "ModalView.submit": (1, 24),
    "ModalView.title": (1, 24),
    "MrkdwnElement.text": (1, 3000),
    "MrkdwnOption.description": (1, 75),
    "MrkdwnOption.text": (1, 75),
    "MrkdwnOption.value": (1, 150),
    "MultiStaticSelect.options": (1, 100),
    "Overflow.options": (1, 5),
    "PlainTextElement.text": (1, 3000),
    "PlainTextInput.initial_value": (0, 3000),
    "PlainTextInput.max_length": (1, 3000),
    "PlainTextInput.min_length": (0, 3000),
    "PlainTextOption.description": (1, 75),
    "PlainTextOption.text": (1, 75),
    "PlainTextOption.url": (1, 3000),
    "PlainTextOption.value": (1, 150),
    "RadioButtons.options": (1, 10),
    "RichTextBlock.elements": (1, None),
    "RichTextDate.format": (1, None),
    "RichTextLink.url": (1, 3000),
    "RichTextPreformatted.elements": (1, None),
    "RichTextQuote.elements": (1, None),
    "RichTextSection.elements": (1, None),
    "RichTextText.text": (1, None),
    "SectionBlock.fields": (1, 10),
    "SectionBlock.fields[]": (1, 2000),
    "SectionBlock.text": (1, 3000),
    "StaticSelect.options": (1, 100),
    "TableBlock.column_settings": (1, 20),
    "TableBlock.rows": (1, 100),
    "TableBlock.rows[]": (1, 20),
    "VideoBlock.author_name": (1, 50),
    "VideoBlock.description": (1, 200),
    "VideoBlock.title": (1, 200),
    "bookmarks.add.link": (1, 3000),
    "bookmarks.add.title": (1, None),
    "chat.postMessage.text": (1, 40_000),
    "chat.update.text": (1, 4000),
    "command answer.text": (1, 40_000),
    "conversations.create.name": (1, 80),
    "conversations.history.limit": (1, 999),
    "conversations.list.limit": (1, 999),
    "conversations.members.limit": (1, 999),
    "conversations.replies.limit": (1, 999),
    "conversations.setTopic.topic": (0, 250),
    "response_url.text": (1, 40_000),
}

PERSON, INSTANT, ADDRESS = r"[UW][A-Z0-9]+", r"^\d+\.\d{6}$", r"^(https?://|mailto:)\S+$"
PATTERNS: Mapping[str, str] = {
    "Button.url": ADDRESS,
    "Datepicker.initial_date": r"^\d{4}-\d{2}-\d{2}$",
    "ImageBlock.image_url": ADDRESS,
    "RichTextChannelMention.channel_id": r"^[CDG][A-Z0-9]+$",
    "RichTextLink.url": ADDRESS,
    "RichTextUserMention.user_id": f"^{PERSON}$",
    "Timepicker.initial_time": r"^([01]\d|2[0-3]):[0-5]\d$",
    "bookmarks.add.link": ADDRESS,
    "chat.postMessage.thread_ts": INSTANT,
    "chat.update.ts": INSTANT,
    "conversations.create.name": r"^[a-z0-9_-]+$",
    "conversations.invite.users": f"^{PERSON}(,{PERSON}){{0,99}}$",
    "conversations.replies.ts": INSTANT,
    "pins.add.timestamp": INSTANT,
}

REQUIRED: Mapping[str, str] = {"chat.postMessage": "text", "chat.update": "text"}
"""Every visible message has a plain text too, for notifications and screen readers."""

TEXTS = frozenset({"TextObject", "PlainTextElement", "MrkdwnElement"})
COUNTED = {
    "array": ("minItems", "maxItems"),
    "number": ("minimum", "maximum"),
    "string": ("minLength", "maxLength"),
}


def limited(definitions: Definitions) -> Definitions:
    """A copy with all limits. Raises KeyError for a place that is not there: then Slack's types have changed."""
    found = deepcopy(definitions)
    for place, (least, most) in BOUNDS.items():
        for schema in _at(found, place):
            _bound(schema, least, most)
    for place, pattern in PATTERNS.items():
        for schema in _at(found, place):
            schema["pattern"] = pattern
    for name, key in REQUIRED.items():
        found[name]["required"].append(key)
    return found


def _at(definitions: Definitions, place: str) -> Iterator[Schema]:
    name = next((definition for definition in definitions if place.startswith(f"{definition}.")), "*")
    steps = re.findall(r"\w+|\[\]", place.removeprefix(f"{name}."))
    everywhere = (
        definition for definition in definitions.values() if steps[0] in definition.get("properties", {})
    )
    owners = [*everywhere] if name == "*" else [definitions[name]]
    if not owners:
        raise KeyError(place)
    yield from (_walked(owner, steps) for owner in owners)


def _walked(schema: Schema, steps: list[str]) -> Schema:
    for step in steps:
        schema = schema["items"] if step == "[]" else schema["properties"][step]
    return schema


def _bound(schema: Schema, least: int, most: int | None) -> None:
    references = [each.get("$ref", "").rpartition("/")[2] for each in schema.get("anyOf", [schema])]
    if TEXTS.issuperset(references):
        schema["properties"] = {"text": {}}
        schema, kind = schema["properties"]["text"], "string"
    else:
        kind = schema["type"]
    at_least, at_most = COUNTED[kind]
    schema[at_least] = least
    if most is not None:
        schema[at_most] = most
