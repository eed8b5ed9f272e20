"""What a message says, in whichever of its parts its sender put the words. The shapes are those that the senders'
own code makes, as Slack gives them back."""

from typing import Any

import pytest

from bot.adapters.slack import extract_subject, extract_text

STAND_IN = "This content can't be displayed."

ALERTMANAGER = {
    "text": "",
    "bot_id": "B1",
    "attachments": [
        {
            "id": 1,
            "color": "a30200",
            "fallback": "[FIRING:1] HighErrorRate checkout (page) | http://alertmanager:9093/#/alerts",
            "title": "[FIRING:1] HighErrorRate checkout (page)",
            "title_link": "http://alertmanager:9093/#/alerts?receiver=slack",
            "pretext": "<!subteam^S1|@oncall> please look",
            "text": "*Summary:* 5xx above 5% &amp; rising\n<https://runbooks.example/errors|Runbook>",
            "fields": [{"title": "cluster", "value": "prod-eu", "short": True}],
            "footer": "",
            "mrkdwn_in": ["fallback", "pretext", "text"],
        }
    ],
}
GRAFANA = {
    "text": STAND_IN,
    "blocks": [
        {
            "type": "section",
            "block_id": "x",
            "text": {"type": "mrkdwn", "text": "<!here|here> <@U1>", "verbatim": False},
        }
    ],
    "attachments": [
        {
            "id": 1,
            "title": "[FIRING:1] Memory (copy) device (true)",
            "title_link": "https://play.grafana.org/alerting/list",
            "text": "**Firing**\n\nValue: A=2.4e+09\nAnnotations:\n - summary = High memory usage\n",
            "fallback": "[FIRING:1] Memory (copy) device (true)",
            "footer": "Grafana v11.1.0",
            "ts": 1700000000,
        }
    ],
}
AMAZON_Q = {
    "text": "",
    "bot_id": "B2",
    "username": "Amazon Q",
    "attachments": [
        {
            "id": 1,
            "color": "D13212",
            "fallback": "[no preview available]",
            "blocks": [
                {
                    "type": "section",
                    "text": {
                        "type": "mrkdwn",
                        "text": ":rotating_light: *<https://console.aws.amazon.com/cw?a=1&amp;b=2|"
                        "CloudWatch Alarm | api-5xx | eu-west-1 | Account: 123456789012>*",
                    },
                },
                {
                    "type": "section",
                    "fields": [
                        {"type": "mrkdwn", "text": "*Reason*\nThreshold Crossed: 1 datapoint was greater"},
                        {"type": "mrkdwn", "text": "*Namespace*\nAWS/ApplicationELB"},
                    ],
                },
                {"type": "divider"},
                {"type": "actions", "elements": [{"type": "button", "text": {"text": "Investigate"}}]},
            ],
        }
    ],
}
HEADER = {
    "text": "This content can’t be displayed.",
    "blocks": [
        {"type": "header", "text": {"type": "plain_text", "text": "Checkout is failing", "emoji": True}},
        {
            "type": "context",
            "elements": [
                {"type": "image", "image_url": "https://x.example/i.png", "alt_text": "red"},
                {"type": "mrkdwn", "text": "monitor 12 · <https://app.example/m/12|open>"},
            ],
        },
        {"type": "image", "image_url": "https://x.example/g.png", "alt_text": "errors by minute"},
        {"type": "markdown", "text": "# Next\nlook at the [dashboard](https://d.example)"},
    ],
}
RICH = {
    "text": "",
    "blocks": [
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [
                        {"type": "user", "user_id": "U1"},
                        {"type": "text", "text": " see <b> & "},
                        {"type": "link", "url": "https://x.example/a?b=1&c=2", "text": "the graph"},
                        {"type": "emoji", "name": "fire"},
                        {"type": "channel", "channel_id": "C1"},
                        {"type": "usergroup", "usergroup_id": "S1"},
                        {"type": "broadcast", "range": "here"},
                        {"type": "date", "timestamp": 1700000000, "format": "{time}", "fallback": "22:13"},
                    ],
                },
                {
                    "type": "rich_text_list",
                    "style": "bullet",
                    "elements": [
                        {"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]},
                        {"type": "rich_text_section", "elements": [{"type": "text", "text": "two"}]},
                    ],
                },
                {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "exit 1"}]},
                {"type": "rich_text_quote", "elements": [{"type": "text", "text": "it hangs"}]},
            ],
        }
    ],
}
FORWARDED = {
    "text": "",
    "user": "U2",
    "attachments": [
        {
            "is_msg_unfurl": True,
            "is_share": True,
            "from_url": "https://acme.slack.com/archives/C9/p1700000000000100",
            "author_name": "Dana",
            "author_id": "U9",
            "channel_id": "C9",
            "ts": "1700000000.000100",
            "text": "orders are &lt;stuck&gt;",
            "fallback": "[November 14th, 2023 2:13 PM] dana: orders are stuck",
            "message_blocks": [
                {
                    "team": "T1",
                    "message": {
                        "blocks": [
                            {
                                "type": "rich_text",
                                "elements": [
                                    {
                                        "type": "rich_text_section",
                                        "elements": [{"type": "text", "text": "orders are <stuck>"}],
                                    }
                                ],
                            }
                        ]
                    },
                }
            ],
            "footer": "Posted in #payments",
        }
    ],
}
FORWARDED_BLOCKS = {
    "text": "fyi",
    "attachments": [
        {
            "is_share": True,
            "author_name": "Grafana",
            "text": STAND_IN,
            "fallback": "[no preview available]",
            "message_blocks": [{"message": {"blocks": HEADER["blocks"][:1]}}],
        }
    ],
}
FILES = {
    "text": "",
    "subtype": "file_share",
    "files": [
        {
            "name": "stack.txt",
            "title": "stack.txt",
            "permalink": "https://acme.slack.com/files/U2/F1/stack.txt",
        },
        {"name": "IMG_1.png", "title": "The graph", "url_private": "https://files.slack.com/F2/img_1.png"},
        {"id": "F3", "mode": "tombstone"},
    ],
}
FALLBACK_ONLY = {"text": "", "attachments": [{"fallback": "Build #12 of acme/web failed", "color": "a30200"}]}
FIELDS_ONLY = {
    "text": "",
    "attachments": [
        {
            "fallback": "[no preview available]",
            "fields": [
                {"title": "Status", "value": "Down", "short": True},
                {"title": "", "value": "<mailto:casey@example.com|casey@example.com>"},
            ],
        }
    ],
}
CLASSIC = {
    "text": "Monitor is DOWN: shop (<https://shop.example>)",
    "attachments": [{"author_name": "UptimeRobot", "text": "Reason: Connection Timeout", "fallback": "DOWN"}],
}
NAMES = {"U1": "ana", "C1": "ops", "S1": "@oncall"}


@pytest.mark.parametrize(
    ("message", "words"),
    [
        pytest.param(
            ALERTMANAGER,
            "@oncall please look\n"
            "[FIRING:1] HighErrorRate checkout (page) (http://alertmanager:9093/#/alerts?receiver=slack)\n"
            "*Summary:* 5xx above 5% & rising\nRunbook (https://runbooks.example/errors)\ncluster: prod-eu",
            id="Alertmanager",
        ),
        pytest.param(
            GRAFANA,
            "@here @ana\n[FIRING:1] Memory (copy) device (true) (https://play.grafana.org/alerting/list)\n"
            "**Firing**\n\nValue: A=2.4e+09\nAnnotations:\n - summary = High memory usage",
            id="Grafana",
        ),
        pytest.param(
            AMAZON_Q,
            ":rotating_light: *CloudWatch Alarm | api-5xx | eu-west-1 | Account: 123456789012 "
            "(https://console.aws.amazon.com/cw?a=1&b=2)*\n"
            "*Reason*\nThreshold Crossed: 1 datapoint was greater\n*Namespace*\nAWS/ApplicationELB",
            id="Amazon Q",
        ),
        pytest.param(
            HEADER,
            "Checkout is failing\nmonitor 12 · open (https://app.example/m/12)\nerrors by minute\n"
            "Next\nlook at the dashboard (https://d.example)",
            id="blocks",
        ),
        pytest.param(
            RICH,
            "@ana see <b> & the graph (https://x.example/a?b=1&c=2):fire:#ops@oncall@here22:13\n"
            "• one\n• two\nexit 1\nit hangs",
            id="rich text",
        ),
        pytest.param(FORWARDED, "Dana: orders are <stuck>", id="forwarded"),
        pytest.param(FORWARDED_BLOCKS, "fyi\nGrafana: Checkout is failing", id="forwarded blocks"),
        pytest.param(
            FILES,
            "stack.txt (https://acme.slack.com/files/U2/F1/stack.txt)\n"
            "The graph, IMG_1.png (https://files.slack.com/F2/img_1.png)",
            id="files",
        ),
        pytest.param(FALLBACK_ONLY, "Build #12 of acme/web failed", id="fallback"),
        pytest.param(FIELDS_ONLY, "Status: Down\ncasey@example.com", id="fields"),
        pytest.param(
            CLASSIC,
            "Monitor is DOWN: shop (https://shop.example)\nUptimeRobot: Reason: Connection Timeout",
            id="text and attachment",
        ),
    ],
)
def test_a_message_says_what_stands_in_its_parts(message: dict[str, Any], words: str) -> None:
    assert extract_text(message, NAMES) == words


@pytest.mark.parametrize(
    "placeholder",
    [
        STAND_IN,
        "This content can’t be displayed.",
        "This message contains interactive elements.",
        "[no preview available]",
        "",
        None,
    ],
)
def test_what_slack_says_in_place_of_words_is_no_words(placeholder: str | None) -> None:
    assert extract_text({"text": placeholder}) == ""
    assert extract_text(
        {"text": placeholder, "attachments": [{"fallback": placeholder, "text": "disk full"}]}
    ) == ("disk full")
    assert extract_text({"attachments": [{"fallback": placeholder, "id": 1}]}) == ""


def test_what_a_person_wrote_is_not_said_twice() -> None:
    section = {
        "type": "rich_text_section",
        "elements": [{"type": "text", "text": "bold", "style": {"bold": True}}],
    }
    typed = {"text": "*bold*", "blocks": [{"type": "rich_text", "elements": [section]}]}
    assert extract_text(typed) == "*bold*"
    summary = {
        "text": "Deploy failed",
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": "*Deploy failed*"}},
            {"type": "section", "text": {"type": "mrkdwn", "text": "step 3: exit 1"}},
        ],
    }
    assert extract_text(summary) == "Deploy failed\nstep 3: exit 1"


def test_what_two_attachments_have_in_common_is_said_of_both() -> None:
    fields = [{"title": "State", "value": "critical"}]
    message = {
        "text": "2 alerts are firing",
        "attachments": [
            {"title": "db1 is down", "fields": fields, "pretext": "2 alerts are firing"},
            {"title": "db2 is down", "text": "db2 is down", "fields": fields},
        ],
    }
    assert extract_text(message) == (
        "2 alerts are firing\ndb1 is down\nState: critical\ndb2 is down\nState: critical"
    )


def test_a_preview_of_a_page_is_not_what_somebody_wrote() -> None:
    preview = {
        "from_url": "https://status.aws.example",
        "original_url": "https://status.aws.example",
        "service_name": "AWS",
        "title": "AWS Health Dashboard",
        "text": "All fine",
        "fallback": "AWS",
    }
    assert extract_text({"text": "see <https://status.aws.example>", "attachments": [preview]}) == (
        "see https://status.aws.example"
    )
    linked = {"from_url": "https://acme.slack.com/archives/C1/p1", "is_msg_unfurl": True, "text": "old words"}
    assert extract_text({"text": "<https://acme.slack.com/archives/C1/p1>", "attachments": [linked]}) == (
        "https://acme.slack.com/archives/C1/p1"
    )


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"text": 5, "blocks": "x", "attachments": {"a": 1}, "files": None},
        {"blocks": [None, 3, {"type": "section"}, {"type": "section", "text": "words"}, {"type": None}]},
        {"attachments": [None, {"fields": [None, {"title": None, "value": None}], "blocks": 3, "text": []}]},
        {"attachments": [{"message_blocks": [{"message": None}, None]}], "files": [None, {"name": None}]},
    ],
)
def test_a_misshapen_message_has_no_words(odd: dict[str, Any]) -> None:
    assert extract_text(odd) == ""


@pytest.mark.parametrize(
    ("message", "subject"),
    [
        (ALERTMANAGER, "[FIRING:1] HighErrorRate checkout (page)"),
        (GRAFANA, "[FIRING:1] Memory (copy) device (true)"),
        (AMAZON_Q, "CloudWatch Alarm | api-5xx | eu-west-1 | Account: 123456789012"),
        (HEADER, "Checkout is failing"),
        (FORWARDED, "orders are <stuck>"),
        (FORWARDED_BLOCKS, "fyi"),
        (FILES, "stack.txt"),
        (FALLBACK_ONLY, "Build #12 of acme/web failed"),
        (FIELDS_ONLY, "Status: Down"),
        ({"text": "<!here> <@U1> checkout returned 503\nsince 02:50"}, "@here @ana checkout returned 503"),
        ({"text": "<https://grafana.example/d/1|5xx board> is red"}, "5xx board is red"),
        ({"text": "<https://grafana.example/d/1>"}, "https://grafana.example/d/1"),
        ({"text": ":fire: :fire: *API* is _down_"}, "API is down"),
        ({"text": "snake_case_name and 2*3*4"}, "snake_case_name and 2*3*4"),
        ({"text": ""}, ""),
    ],
)
def test_the_subject_of_a_message_is_its_first_line_that_says_something(
    message: dict[str, Any], subject: str
) -> None:
    assert extract_subject(message, NAMES) == subject


CARD = {
    "type": "card",
    "title": {"type": "mrkdwn", "text": "Checkout is failing"},
    "body": {"type": "mrkdwn", "text": "5xx above 5%"},
    "actions": [
        {"type": "button", "text": {"type": "plain_text", "text": "Silence"}, "action_id": "silence"}
    ],
}


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (CARD, "Checkout is failing\n5xx above 5%"),
        ({"type": "carousel", "elements": [CARD, CARD]}, "Checkout is failing\n5xx above 5%"),
        (
            {"type": "container", "title": {"type": "plain_text", "text": "Firing"}, "blocks": [CARD]},
            "Firing\nCheckout is failing\n5xx above 5%",
        ),
        ({"type": "task_card", "title": "Look <at> it"}, "Look <at> it"),
        ({"type": "not_known_yet", "parts": [{"type": "mrkdwn", "text": "New"}]}, "New"),
        (
            {
                "type": "data_table",
                "rows": [[{"type": "raw_text", "text": "host"}, {"type": "raw_text", "text": "a"}]],
            },
            "host | a",
        ),
        (
            {"type": "image", "title": {"type": "plain_text", "text": "CPU"}, "alt_text": "CPU at 99%"},
            "CPU\nCPU at 99%",
        ),
        ({"type": "actions", "elements": CARD["actions"]}, ""),
    ],
)
def test_a_block_of_any_kind_says_its_words_and_not_its_buttons(block: dict[str, Any], said: str) -> None:
    assert extract_text({"text": "", "blocks": [block]}) == said
