"""Schemas of what Slack sends, as far as anything relies on it: other bodies are rejected before any listener."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from slack_bolt.async_app import AsyncBoltRequest

from bot.text.truncation import make_storable

Fits = Callable[[object], bool]
Shape = Mapping[str, Fits]

MISSHAPEN = (ValueError, RecursionError, AttributeError, TypeError, LookupError)
"""What Bolt raises for JSON that is none, or of another shape than Slack's."""

ODD = re.compile(r"\x00|%00|(?:\\|%5[Cc])u(?:0000|[dD][89a-fA-F])")
"""Where a body may hold a NUL or half a letter, which no database keeps."""

KEEPABLE = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,3000}")
UNKEPT = re.compile(r"[\x00\ud800-\udfff]")
MOMENT = re.compile(r"\d{1,12}\.\d{1,9}")
MAX_EPOCH_S = 2**34
MAX_VALUE_LENGTH = 2000
"""Characters that Slack lets a button carry."""

TYPED = frozenset({"text", "state", "message", "previous_message", "blocks"})
"""Where people's own words stand: what no database keeps is replaced by a picture of it there."""


class InvalidPayload(Exception):
    """The body is not what Slack sends."""


def build_bolt_request(body: str | dict[str, Any], **given: Any) -> AsyncBoltRequest:
    """The request for Bolt; the rest is given to it as it is. Raises NotSlacks."""
    try:
        request = AsyncBoltRequest(body=body, **given)
        if not isinstance(body, str) or ODD.search(body):
            request.body = {name: _clean_field(name, value) for name, value in request.body.items()}
        fits = _fits(request.body)
    except MISSHAPEN as error:
        raise InvalidPayload from error
    if not fits:
        raise InvalidPayload
    return request


def _clean_field(name: str, value: Any) -> Any:
    """The value with people's words as a database keeps them."""
    if name in TYPED:
        return _clean_value(value)
    if isinstance(value, dict):
        return {key: _clean_field(key, item) for key, item in value.items()}
    return value


def _clean_value(value: Any) -> Any:
    if isinstance(value, str):
        return make_storable(value)
    if isinstance(value, list):
        return [_clean_value(item) for item in value]
    return (
        {make_storable(name): _clean_value(item) for name, item in value.items()}
        if isinstance(value, dict)
        else value
    )


def _fits(body: Mapping[str, Any]) -> bool:
    """Whether everything that is relied on is there. What nobody listens to is not looked at."""
    if not allow_missing(is_text)(body.get("type")):
        return False
    if "command" in body:
        return require_fields(COMMAND)(body)
    if body.get("type") == "event_callback":
        event = body.get("event")
        return (
            require_fields(EVENT)(body)
            and isinstance(event, dict)
            and require_fields(EVENTS.get(str(event.get("type")), {}))(event)
        )
    return require_fields(INTERACTIVE.get(str(body.get("type")), {}))(body)


def is_name(value: object) -> bool:
    """An id, a name or a key: some letters, none of them unseen."""
    return isinstance(value, str) and KEEPABLE.fullmatch(value) is not None


def is_text(value: object) -> bool:
    return isinstance(value, str)


def is_button_value(given: object) -> bool:
    """What a button carries."""
    return isinstance(given, str) and len(given) <= MAX_VALUE_LENGTH and not UNKEPT.search(given)


def is_timestamp(value: object) -> bool:
    """A message's timestamp."""
    return isinstance(value, str) and MOMENT.fullmatch(value) is not None


def is_item(value: object) -> bool:
    """What was reacted to: a message has a place, of a file nothing is relied on."""
    if isinstance(value, Mapping) and value.get("type") == "message":
        return require_fields({"channel": is_name, "ts": is_timestamp})(value)
    return require_fields({"type": is_name})(value)


def is_epoch_second(value: object) -> bool:
    """Seconds since the epoch."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MAX_EPOCH_S


def is_metadata(value: object) -> bool:
    """What a form carried along: nothing, or an object in JSON."""
    return isinstance(value, str) and (not value or isinstance(json.loads(value), dict))


def allow_missing(fits: Fits) -> Fits:
    """It may be missing or null."""
    return lambda value: value is None or fits(value)


def require_fields(shape: Shape) -> Fits:
    """An object with these fields, and perhaps others."""
    return lambda value: (
        isinstance(value, Mapping) and all(fits(value.get(field)) for field, fits in shape.items())
    )


def require_first(fits: Fits) -> Fits:
    """A list that begins with such a thing."""
    return lambda value: (
        isinstance(value, Sequence) and not isinstance(value, str) and fits(next(iter(value), None))
    )


def is_form_state(value: object) -> bool:
    """What stands in a form: for each block one element, with what was typed or chosen."""
    blocks = list(value.values()) if isinstance(value, Mapping) else [None]
    elements = [next(iter(block.values()), None) if isinstance(block, Mapping) else None for block in blocks]
    return all(require_fields(ELEMENT)(element) for element in elements)


def is_selection(value: object) -> bool:
    return isinstance(value, list) and all(map(require_fields({"value": is_name}), value))


def require_each(fits: Fits) -> Fits:
    return lambda value: isinstance(value, list) and all(map(fits, value))


ELEMENT = {
    "value": allow_missing(is_text),
    "selected_option": allow_missing(require_fields({"value": is_name})),
    "selected_options": allow_missing(is_selection),
    "selected_date_time": allow_missing(is_epoch_second),
    "selected_date": allow_missing(is_text),
    "selected_user": allow_missing(is_name),
}
PLACE = require_fields({"id": is_name})
MESSAGE = {
    "ts": is_timestamp,
    "user": allow_missing(is_name),
    "text": allow_missing(is_text),
    "thread_ts": allow_missing(is_timestamp),
    "blocks": allow_missing(require_each(require_fields({}))),
    "attachments": allow_missing(require_each(require_fields({}))),
    "files": allow_missing(require_each(require_fields({}))),
}
PERSON = {
    "user": PLACE,
    "team": allow_missing(require_fields({"id": allow_missing(is_name), "domain": allow_missing(is_name)})),
}
COMMAND: Shape = {
    "command": is_name,
    "text": allow_missing(is_text),
    "channel_id": is_name,
    "user_id": is_name,
    "trigger_id": is_name,
    "response_url": allow_missing(is_name),
}
ACTION = {
    "action_id": is_name,
    "value": allow_missing(is_button_value),
    "selected_option": allow_missing(
        require_fields(
            {
                "value": allow_missing(is_button_value),
                "text": allow_missing(require_fields({"text": allow_missing(is_text)})),
            }
        )
    ),
    "text": allow_missing(require_fields({"text": allow_missing(is_text)})),
}
VIEW = {
    "id": is_name,
    "type": is_name,
    "hash": allow_missing(is_name),
    "callback_id": is_name,
    "private_metadata": allow_missing(is_metadata),
    "state": require_fields({"values": is_form_state}),
    "title": allow_missing(require_fields({"text": allow_missing(is_text)})),
    "blocks": allow_missing(require_each(require_fields({}))),
}
CLICKED = {
    "id": is_name,
    "hash": allow_missing(is_name),
    "private_metadata": allow_missing(is_metadata),
    "blocks": allow_missing(require_each(require_fields({}))),
    "state": allow_missing(require_fields({"values": is_form_state})),
}
ANSWERED = {**PERSON, "trigger_id": is_name, "response_url": allow_missing(is_name)}
INTERACTIVE: Mapping[str, Shape] = {
    "block_actions": {
        **ANSWERED,
        "actions": require_first(require_fields(ACTION)),
        "channel": allow_missing(PLACE),
        "message": allow_missing(require_fields({"thread_ts": allow_missing(is_name)})),
        "view": allow_missing(require_fields(CLICKED)),
    },
    "view_submission": {**PERSON, "view": require_fields(VIEW)},
    "message_action": {
        **ANSWERED,
        "callback_id": is_name,
        "channel": PLACE,
        "message": require_fields(MESSAGE),
    },
    "shortcut": {**ANSWERED, "callback_id": is_name},
}
EVENT: Shape = {
    "event_id": is_name,
    "event": require_fields({"type": is_name}),
    "authorizations": allow_missing(require_each(require_fields({"user_id": allow_missing(is_name)}))),
}
CHANNEL = {"channel": is_name, "user": allow_missing(is_name)}
NAMED = {"channel": require_fields({"id": is_name, "name": is_name})}
MOVED = {"channel": is_name, "user": is_name}
EVENTS: Mapping[str, Shape] = {
    "app_home_opened": {"user": is_name},
    "channel_created": {
        "channel": require_fields(
            {"id": is_name, "name": is_name, "creator": is_name, "created": is_epoch_second}
        )
    },
    "channel_rename": NAMED,
    "group_rename": NAMED,
    **dict.fromkeys(
        (
            f"{kind}_{how}"
            for kind in ("channel", "group")
            for how in ("archive", "deleted", "left", "unarchive")
        ),
        CHANNEL,
    ),
    "member_joined_channel": MOVED,
    "member_left_channel": MOVED,
    "reaction_added": {
        "user": is_name,
        "reaction": is_name,
        "item_user": allow_missing(is_name),
        "item": is_item,
    },
    "message": {
        "channel": is_name,
        "subtype": allow_missing(is_name),
        "user": allow_missing(is_name),
        "text": allow_missing(is_text),
        "deleted_ts": allow_missing(is_timestamp),
        "message": allow_missing(
            require_fields(
                {**MESSAGE, "edited": allow_missing(require_fields({"user": allow_missing(is_name)}))}
            )
        ),
        "previous_message": allow_missing(require_fields({"text": allow_missing(is_text)})),
    },
}
"""What is relied on of each event; of the others only that they have a type."""
