"""JSON that comes from outside."""

import json
from typing import Any


def read_json(text: str) -> Any:
    """What a text of JSON says. Raises ValueError when it is none.

    JSON can spell half a character (`\\ud83d` alone), which nothing can write down again; it becomes `?`.
    """
    found = json.loads(text)
    if "\\u" not in text:
        return found
    return json.loads(json.dumps(found, ensure_ascii=False).encode(errors="replace"))
