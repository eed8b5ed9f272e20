"""A form as it was sent: what stands in its fields, and what it carried along."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import RuleViolation
from bot.services import UserRequest
from handlers.transport.request_keys import build_request, read_fields
from templates import action_ids, form_fields

OTHERS = "This form is from another version of Tocsin. Open it again. Nothing was changed."
WHOLE = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class ViewSubmission:
    """One submission: the fields by block id, and what the form carried along."""

    fields: Mapping[str, str]
    carried: Mapping[str, Any]
    request: UserRequest
    view_id: str = ""

    def text(self, name: str) -> str:
        """What was typed in a field, without the spaces around it; empty when nothing was."""
        return self.fields.get(name, "").strip()

    def get_carried(self, name: str) -> str:
        """What the form carried along by this name. Raises Refused for a form that does not."""
        if (value := self.carried.get(name)) is None:
            raise RuleViolation(OTHERS)
        return str(value)

    def number(self, name: str) -> int:
        """The same for a number."""
        if not WHOLE.fullmatch(told := self.get_carried(name)):
            raise RuleViolation(OTHERS)
        return int(told)

    def gaps(self) -> dict[str, str]:
        """What was typed for the own gaps of the message's template, by their names; empty where it was taken out."""
        return {
            name.removeprefix(action_ids.GAP): self.text(name)
            for name in self.fields
            if name.startswith(action_ids.GAP)
        }

    def list_impact_changes(self) -> dict[str, str]:
        """What was changed of the impact since the form was drawn, by the names of its fields."""
        return {
            name: self.text(name)
            for name in form_fields.IMPACT_FIELDS
            if name in self.fields and form_fields.hash_text(self.text(name)) != self.carried.get(name)
        }


class InvalidForm(Exception):
    """Something in the form cannot be taken; `errors` has a sentence for each field's block id."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = errors
        super().__init__(", ".join(errors))


def parse_submission(body: dict[str, Any], view: dict[str, Any]) -> ViewSubmission:
    """The submission in a delivery of Slack."""
    carried = json.loads(view.get("private_metadata") or "{}")
    return ViewSubmission(read_fields(view), carried, build_request(body), str(view.get("id", "")))
