"""Maps domain values to database rows that the previous version can read."""

import json

from psycopg.types.json import Jsonb

from bot.adapters.database import previous_version
from bot.adapters.database.row_mappers import Row
from bot.domain.effects import Effect, dump_effect
from bot.domain.incident import EntryKind
from bot.domain.text_fields import dump_texts
from bot.domain.timeline_details import TimelineDetail


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


def build_entry_row(detail: TimelineDetail) -> Row:
    """The columns of a timeline entry. One of a kind that the version before does not know is a note to it."""
    kind, texts = detail.kind.value, dump_texts(detail)
    if kind in previous_version.ENTRIES:
        return {"kind": kind, "detail": Jsonb(texts), "newer": None}
    newer = {"kind": kind, "detail": texts}
    noted = previous_version.convert_to_note(kind, texts)
    return {"kind": EntryKind.NOTE_ADDED.value, "detail": Jsonb(noted), "newer": Jsonb(newer)}
