"""GraphQL: whether what is sent only asks."""

import json
import re
from collections.abc import Iterator

TOKEN = re.compile(
    r'"""(?:\\"""|.)*?(?:"""|\Z)|"(?:\\.|[^"\\\n])*"?|#[^\n]*|(?P<word>[A-Za-z_]\w*)|(?P<sign>[{}()\[\]])',
    re.S,
)


def is_query_only(document: str) -> bool:
    """Whether a document has nothing but queries and their fragments."""
    depth, begins = 0, True
    found = False
    for token in TOKEN.finditer(document):
        word, sign = token["word"], token["sign"]
        if sign:
            found = found or (sign == "{" and depth == 0)
            depth += 1 if sign in "{([" else -1
            begins = depth == 0 and sign == "}"
        elif word and depth == 0 and begins:
            if word not in ("query", "fragment"):
                return False
            begins = False
    return found and depth == 0


def parse_documents(body: str) -> Iterator[str]:
    """The documents of a body: one as such, one in JSON, or a list of those. An empty one where none is said."""
    try:
        told = json.loads(body)
    except ValueError:
        yield body
        return
    for document in told if isinstance(told, list) else [told]:
        query = document.get("query") if isinstance(document, dict) else None
        yield query if isinstance(query, str) else ""
