"""What stands for a name among contacts and is none: severities, channels, ways, properties, instructions."""

import re

from bot.runbook.durations import parse_duration
from bot.runbook.markdown.inline import strip_markdown
from bot.runbook.severity_names import WORD, find_level

UNFILLED = re.compile(r"\[[^\]]*\]|<[^>]*>|_\(.*\)_|\W*(?:TBD|TBA|TODO)\b.*", re.I)
"""A name that is left open."""

NO_CONTACT = re.compile(
    r"[#*`]*#[\w-]+|(?:incident )?(?:slack|teams|discord)(?: (?:channel|room|workspace))?|(?:war"
    r"|incident)[ -](?:room|channel)|(?:[\w-]+ ){0,2}channel|phone|tel(?:ephone)?"
    r"|telegram|whats ?app(?: ?/ ?signal)?|signal|discord|sms|e-?mail|pager ?duty"
    r"|(?:[\w-]+ )?(?:pager|hotline)|opsgenie"
    r"|web ?site|url|links?|status ?page|hours|availability|time ?zone"
    r"|response(?: time)?|ack\w*"
    r"|escalat\w*(?: (?:after|to|if|for|when|path|policy).*)?|note|notes|important|remember|last updated|version"
    r"|when|why|what|how|example|action|actions"
    r"|location|address|schedule|dashboard|monitoring|grafana|sentry|logs?|runbooks?|documentation|docs"
    r"|condition|criteria|impact|purpose|name|contact(?: (?:info\w*|details))?"
    r"|(?:L|level|tier|step|stage|week|woche|semana|semaine|sprint) ?-?\d{1,2}|(?:\d{4}-)?W\d{1,2}|rotation|timeline"
    r"|responsibilit\w+|(?:primary )?role|authority|requirements?|duties|trigger",
    re.I,
)
"""Names of ways and properties in contact sections, which are nobody."""

INSTRUCTION = re.compile(
    r"(?:check|verify|call|page|notify|post|update|open|create|assess|identify|restart|review|document|escalate"
    r"|contact|if|when|after|try|use|send|ask"
    r"|follow|attempt|acknowledge|declare|inform|wait|confirm|stop|start|join|see|do|don't|never|always|within|no)\s",
    re.I,
)
"""How an instruction begins."""


def is_no_contact(name: str) -> bool:
    """Whether what stands for a name is none: a severity, a channel, a way, a property, an instruction."""
    words = strip_markdown(name).strip(" :")
    level = find_level(words)
    is_level = level is not None and not re.search(r"[^\W\d_]{2}", words[level.end :] + words[: level.start])
    return (
        is_level
        or WORD.fullmatch(words) is not None
        or all(NO_CONTACT.fullmatch(part.strip()) for part in words.split("/"))
        or (level is not None and parse_duration(words) is not None)
        or INSTRUCTION.match(words) is not None
        or not re.search(r"[^\W\d_]", words)
    )
