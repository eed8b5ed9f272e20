"""The performance knobs, each with the row of `./tocsin bench` that it serves."""

import gc
import sys

SWITCH_INTERVAL_S = 0.001
"""Seconds after which a thread yields the interpreter, a fifth of Python's default: a provider's thread that pages
somebody waits that much less for each of its turns. Row: commit to the page's request."""

MAX_YIELD_S = 0.05
"""Seconds for which background work yields to requests and pages each time: under a load that never ends it still gets
on. Row: commit to the page's request, and acknowledgements meanwhile."""

MAX_CONCURRENT_CHANGES = 4
"""Changes of incidents at the same time, so that reads are never queued behind writes. Row: the list and the home tab
with many open incidents."""

MAX_CONCURRENT_READS, MAX_CONCURRENT_RECORDINGS = 3, 1
"""Effects that read, and that record their result, at the same time: people's requests are never queued behind many of
them, and what is sent next does not wait for what is recorded. Row: submission to the alert in its channel."""

MAX_CONCURRENT_EFFECTS = 40
"""Effects in progress at the same time. Row: reminders due at once."""

MAX_CONCURRENT_RUNS = 40
"""Diagnostic runs in progress at the same time; the runner limits what they ask of a system. Row: incidents declared at
once, their steps."""

MIN_CONNECTIONS, MAX_CONNECTIONS = 2, 10
"""Connections to the database. Row: declared at the same time, and memory at rest."""

MAX_DUE = 250
"""Incidents whose due work is processed at a time. Row: open escalations, lateness of a step."""


def tune_interpreter() -> None:
    """Once everything is loaded: keep it out of the garbage collector, which takes 30 ms and more to look through it
    each time, and let threads yield sooner. Row: acknowledgements meanwhile, p99."""
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
