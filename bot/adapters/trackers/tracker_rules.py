"""What a failure of a tracker means for an action item."""

from datetime import timedelta

from bot.adapters.provider_api import ApiRules
from bot.ports.tracker import TrackerAnswerLost, TrackerBusy, TrackerRefused

TRACKER_RULES = ApiRules(
    refused=TrackerRefused,
    busy=TrackerBusy,
    lost=TrackerAnswerLost,
    refusals={
        401: "{name} does not take the token (HTTP 401): set TOCSIN_TRACKER_TOKEN right.",
        403: "{name} does not let this token do that (HTTP 403): give it the right to create and edit issues.",
    },
    returned=frozenset({404, 410}),
    timeout_s=4.0,  # the lease of an effect is longer
    max_body=5_000_000,
    max_wait=timedelta(minutes=15),
)
