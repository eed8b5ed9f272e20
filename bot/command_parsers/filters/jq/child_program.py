"""jq for Tocsin: `python -I -S child_program.py FOLDER`; the folder has the library `jq`, standard input is a socket.

Nothing of Tocsin is imported here: it starts in 20 ms and has nothing to tell. It opens no file once it listens.
Every message is eight bytes that say how long it is, and JSON. What it is asked and answers: `worker_pool.py`.
"""

import json
import math
import os
import re
import resource
import sys
from collections.abc import Iterator
from typing import Any

MAX_MEMORY_BYTES = 320 * 1024 * 1024
"""Bytes of address space: a list of 5,000,000 letters with 300,000 objects takes 276 MB."""

MAX_GROWTH_BYTES = 32 * 1024 * 1024
"""Bytes after which a process is not kept; it begins with 12 MB."""

MAX_TEXT_LENGTH = 5_000_000
MAX_ERROR_LENGTH = 200
EXPECTING = ", expecting "
PLACE = " at <top-level>"

LIMITS = {
    resource.RLIMIT_AS: MAX_MEMORY_BYTES,
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_FSIZE: 0,
    resource.RLIMIT_NOFILE: 0,
    resource.RLIMIT_NPROC: 0,
}


class JsonNumber(str):
    """A number in jq's own digits."""


def restrict_process() -> int | None:
    """Give up what is not needed: settings, files, programs, and memory beyond a bound.

    What is open still is the socket, and the file that this gives: it says how much memory is taken; None but on Linux.
    """
    os.environ.clear()  # Python has put a locale there
    size = None
    if os.path.exists("/proc/self/statm"):
        size = os.open("/proc/self/statm", os.O_RDONLY)
        prefer_oom_kill()
    for what, most in LIMITS.items():
        hard = resource.getrlimit(what)[1]
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (bound, bound))
    return size


def prefer_oom_kill() -> None:
    """When the machine's memory runs out; where that may not be said it goes without."""
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    except OSError:
        return


def is_worn(size: int | None) -> bool:
    """Whether too much memory has stayed taken."""
    return size is None or int(os.pread(size, 100, 0).split()[1]) * resource.getpagesize() > MAX_GROWTH_BYTES


def limit_time(seconds: float) -> None:
    """From now on; for when nobody is left who would end this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    most = math.ceil(used.ru_utime + used.ru_stime + seconds)
    resource.setrlimit(
        resource.RLIMIT_CPU, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard)
    )


def answer_request(jq: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """`text` is what jq prints; `unclear` is why the expression is none, `trouble` why it gave up.

    Without a `document` the expression is only read; to read it takes 2 ms each time.
    """
    expression, document = asked["expression"], asked["document"]
    # As jq's own text numbers keep their digits. Brackets: what the expression defines ends with it.
    text = expression if document is None else f"({expression}\n) | tojson"
    try:
        program = jq.compile(text, args=asked["variables"])
    except ValueError as error:
        return {"unclear": extract_error(str(error))}
    if document is None:
        return {"text": ""}
    try:
        return {"text": join_within_limit(print_results(evaluate(program, asked), frozenset(asked["flags"])))}
    except ValueError as error:
        return {
            "trouble": shorten_error(re.sub(r"^parse error:", "what it is handed is no JSON:", str(error)))
        }
    except RecursionError:
        return {"trouble": "the answer is nested too deeply"}
    except MemoryError:
        return {"trouble": f"it needs more than {MAX_MEMORY_BYTES // 1024**2} MB of memory"}


def extract_error(text: str) -> str:
    """jq's words about an expression, without those that are for jq's own authors."""
    first = text.removeprefix("jq: error: ").split("\n")[0]
    return shorten_error(first.split(PLACE)[0].split(EXPECTING)[0])


def shorten_error(text: str) -> str:
    """In one line, and short."""
    line = " ".join(text.split()).rstrip(":")
    return line if len(line) <= MAX_ERROR_LENGTH else line[: MAX_ERROR_LENGTH - 1] + "…"


def evaluate(program: Any, asked: dict[str, Any]) -> Iterator[str]:
    """Each result as JSON in one line."""
    document, flags = replace_surrogates(asked["document"]), asked["flags"]
    slurp = "slurp" in flags
    if "raw-input" in flags:
        lines = [document] if slurp else document.removesuffix("\n").split("\n") if document else []
        document, slurp = "\n".join(map(json.dumps, lines)), False
    return iter(program.input_text(document, slurp=slurp))


def replace_surrogates(text: str) -> str:
    """The text with signs for halves of letters, as jq would read them."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def print_results(results: Iterator[str], flags: frozenset[str]) -> Iterator[str]:
    """Each result as the options want it."""
    indent = None if "compact-output" in flags else "\t" if "tab" in flags else "  "
    ordered, plain = "sort-keys" in flags, "ascii-output" in flags
    raw = flags & {"raw-output", "join-output"} and not plain
    end = "" if "join-output" in flags else "\n"
    for text in results:
        if raw and text.startswith('"'):
            yield json.loads(text) + end
        elif indent is None and not ordered and not plain:
            yield text + end
        else:
            value = json.loads(text, parse_int=JsonNumber, parse_float=JsonNumber)
            yield format_json(value, indent, ordered, plain) + end


def format_json(value: Any, indent: str | None, ordered: bool, plain: bool, margin: str = "\n") -> str:
    """JSON with line breaks, in order of its names, without letters beyond ASCII."""
    if isinstance(value, JsonNumber):
        return value
    if not value or not isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=plain).replace("\x7f", "\\u007f")
    inner = "" if indent is None else margin + indent
    if isinstance(value, list):
        parts = [format_json(item, indent, ordered, plain, inner) for item in value]
    else:
        colon = ":" if indent is None else ": "
        names = sorted(value) if ordered else list(value)
        named = ((format_json(name, indent, ordered, plain), value[name]) for name in names)
        parts = [f"{name}{colon}{format_json(value, indent, ordered, plain, inner)}" for name, value in named]
    opening, closing = "[]" if isinstance(value, list) else "{}"
    return f"{opening}{inner}{f',{inner}'.join(parts)}{margin if inner else ''}{closing}"


def join_within_limit(texts: Iterator[str]) -> str:
    """All of them. Raises ValueError when they are too many."""
    found, length = list[str](), 0
    for text in texts:
        found.append(text)
        length += len(text)
        if length > MAX_TEXT_LENGTH:
            raise ValueError(f"it makes more than {MAX_TEXT_LENGTH:,} letters")
    return "".join(found)


def read_exactly(length: int) -> bytes:
    """So many bytes. Raises EOFError when who asks is gone."""
    found = bytearray()
    while len(found) < length:
        part = os.read(0, min(length - len(found), 1 << 20))
        if not part:
            raise EOFError
        found += part
    return bytes(found)


def write_all(message: bytes) -> None:
    """Hand over all of it."""
    left = memoryview(len(message).to_bytes(8, "big") + message)
    while left:
        left = left[os.write(0, left) :]


def serve(jq: Any, size: int | None) -> None:
    """Answer one question after the other, until who asks is gone."""
    while True:
        asked = json.loads(read_exactly(int.from_bytes(read_exactly(8), "big")).decode())
        limit_time(asked["seconds"])
        told = answer_request(jq, asked)
        write_all(json.dumps({**told, "worn": is_worn(size)}).encode())


def main() -> None:
    """Load jq, give up everything else, and serve."""
    sys.path.append(sys.argv[1])
    import jq

    size = restrict_process()
    try:
        serve(jq, size)
    except (EOFError, ConnectionError):
        os._exit(0)


if __name__ == "__main__":
    main()
