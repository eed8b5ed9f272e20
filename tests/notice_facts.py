"""What the notices of one incident tell, by their kinds, as rows keep it."""

from datetime import timedelta

from tests.templates import worlds

ANA, BRUNO = "U0ANA", "U0BRUNO"
LATER = str(int((worlds.START + timedelta(minutes=30)).timestamp()))

NOTICES: dict[str, dict[str, str]] = {
    "acknowledged": {"actor": BRUNO, "seconds": "130", "uncalled": "yes"},
    "restored": {"held": "CTO, the next people", "lost": "43-45"},
    "remediation_news": {
        "reference": "R1",
        "title": "Scale to 8 tasks",
        "sentence": "carried out, 8 of 8 tasks running.",
    },
    "published": {
        "page": "Acme status",
        "link": "https://status.acme.example/incidents/4be1.html",
        "status": "resolved",
        "by": ANA,
        "restored": "API\nPayments",
    },
    "not_published": {"page": "Statuspage", "why": "it does not take the key. I keep trying."},
    "proposed": {"what": "review", "host": "GitHub", "link": "https://github.com/acme/operations/pull/7"},
    "not_proposed": {"what": "review", "host": "GitHub", "why": "GitHub cannot be reached. I keep trying."},
    "proposal_ended": {
        "what": "review",
        "host": "GitHub",
        "link": "https://github.com/acme/operations/pull/7",
        "state": "merged",
    },
    "public_overdue": {"promised": LATER, "minutes": "5", "person": ANA},
    "commander_changed": {"person": BRUNO, "before": ANA, "by": "U0DEVIKA"},
    "role_assigned": {"person": BRUNO, "role": "scribe"},
    "status_changed": {"actor": ANA, "before": "investigating", "to": "identified"},
    "severity_changed": {
        "actor": ANA,
        "before": "P1",
        "to": "P0",
        "every": "900",
        "called": "CTO",
        "reason": "all logins fail",
    },
    "impact_changed": {
        "actor": ANA,
        "impact": "Nobody can pay",
        "impact_before": "Some cannot pay",
        "affected_users": "about 1,200",
        "affected_users_before": "",
    },
    "renamed": {"actor": ANA, "before": "API is down", "to": "Checkout is down"},
    "page_failed": {
        "contact": "@oncall",
        "why": "the Slack account is deactivated",
        "person": "U0DEVIKA",
        "others": f"{ANA} {BRUNO}",
    },
    "channel_failed": {
        "why": "Slack refused it: your workspace's settings do not allow it to apps or members"
    },
    "effect_failed": {"what": "pin the alert", "why": "Slack refused it: the app lacks a permission"},
    "moved": {"channel": "C0ROOM"},
    "channel_lost": {"channel": "C0ROOM", "how": "archived"},
    "channel_back": {"channel": "C0ROOM"},
    "update_overdue": {"minutes": "11", "commander": ANA, "missed": "0"},
    "update_asked": {"minutes": "16", "role": "deputy", "people": BRUNO, "to": "", "commander": ANA},
    "cancelled": {"actor": ANA, "reason": "a test of the alarm"},
    "reopened": {
        "actor": ANA,
        "before": "resolved",
        "called": "CTO, DevOps Lead",
        "meeting_at": "1795512600",
    },
    "merged": {"actor": ANA, "into": "INC-7", "title": "API is down", "channel": "C0ROOM"},
    "merged_in": {"actor": ANA, "from": "INC-43", "title": "Search is slow", "channel": "C0ROOM"},
    "unmerged": {"actor": ANA, "from": "INC-43", "title": "Search is slow", "channel": "C0ROOM"},
    "closed": {"actor": ANA, "left": "2", "reason": "the rest is in the tracker"},
    "page_requested": {
        "actor": ANA,
        "to": "CTO",
        "person": "",
        "persons": "U0DEVIKA",
        "text": "The database is gone",
        "people": BRUNO,
    },
    "would_be_called": {
        "names": "CTO, DevOps Lead",
        "missing": "AWS Support (no contact method)",
        "everyone": "all hands",
    },
    "page_held": {"names": "CTO, DevOps Lead", "until": LATER},
    "page_dropped": {"names": "DevOps Lead"},
    "escalated": {
        "why": f"<@{BRUNO}> asked for more people.",
        "to": "DevOps Lead",
        "known": "CTO",
        "line": "0",
    },
    "still_on_it": {"actor": BRUNO},
    "business_day": {"person": ANA},
    "no_way_left": {"contact": "CTO", "why": "PagerDuty refused (403)."},
    "page_lost": {"contact": "CTO"},
    "nobody_there": {"channel": "incident-response"},
    "not_told": {"contact": "CTO", "what": "resolve", "why": "PagerDuty refused (404: Not Found)."},
    "acknowledged_there": {"who": "Bruno", "person": BRUNO, "contact": "CTO", "seconds": "130"},
    "answered_too_late": {"who": "Bruno", "person": "", "contact": "CTO", "status": "resolved"},
    "answered_by_nobody": {"contact": "CTO"},
    "page_resolved": {"who": "Bruno", "person": "", "contact": "CTO"},
    "on_call_problem": {
        "contact": "On-Call Engineer",
        "why": "The PagerDuty schedule PSCH001 has nobody on call now.",
    },
}
"""The texts of an example for each notice."""
