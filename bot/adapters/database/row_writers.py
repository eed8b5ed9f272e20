"""Maps domain values to database rows that the previous version can read."""

import json
from collections.abc import Mapping

from psycopg.types.json import Jsonb

from bot.adapters.database import previous_version
from bot.adapters.database.row_mappers import Row
from bot.domain.effects import Effect, dump_effect
from bot.domain.incident import EntryKind


def build_outbox_row(effect: Effect) -> Row:
    """The columns of an effect. `newer` is what the version before cannot perform."""
    kind, payload = dump_effect(effect)
    return {
        "key": effect.key,
        "lane": effect.lane,
        "after": effect.after,
        "urgency": effect.urgency,
        "coalesces": effect.coalesces,
        "kind": kind,
        "payload": payload,
        "incident": getattr(effect, "incident", None),
        "format": effect.format,
        "newer": not previous_version.can_perform(kind, effect.format, json.loads(payload)),
    }


def build_entry_row(kind: EntryKind, detail: Mapping[str, str]) -> Row:
    """The columns of a timeline entry. One of a kind that the version before does not know is a note to it."""
    if kind in previous_version.ENTRIES:
        return {"kind": kind.value, "detail": Jsonb(dict(detail)), "newer": None}
    newer = {"kind": kind.value, "detail": dict(detail)}
    noted = previous_version.convert_to_note(kind.value, detail)
    return {"kind": EntryKind.NOTE_ADDED.value, "detail": Jsonb(noted), "newer": Jsonb(newer)}
