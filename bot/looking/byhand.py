"""What a person does for a question that no command of the runbook spells: a command to type, or a page to open.

No secret is in it: `$RAZORPAY_KEY_ID` and its like stand for themselves.
"""

from collections.abc import Callable
from urllib.parse import quote

from bot.step import Action, VendorCall
from diagnostics.redaction import redacted


def by_hand(action: Action, value_of: Callable[[str], str | None]) -> str:
    """One line; empty where the runbook itself has the command."""
    call = action.call
    if not isinstance(call, VendorCall):
        return ""
    names = call.names
    match call.what.partition("."):
        case ("health", _, _):
            return f"curl -i {redacted(value_of('TOCSIN_HEALTH_URL') or 'https://YOUR-API/health')}"
        case ("load_balancer", _, _):
            return "aws cloudwatch list-metrics --namespace AWS/ApplicationELB --metric-name HTTPCode_Target_5XX_Count"
        case ("razorpay", _, _):
            return 'curl -u "$RAZORPAY_KEY_ID:$RAZORPAY_KEY_SECRET" "https://api.razorpay.com/v1/payments?count=100"'
        case ("sentry", _, _):
            base = (value_of("SENTRY_URL") or "https://sentry.io").rstrip("/")
            organisation = names.get("organisation") or value_of("SENTRY_ORG") or "YOUR-ORG"
            query = quote("is:unresolved" + (f" project:{names['project']}" if "project" in names else ""))
            asked = (
                f"{base}/api/0/organizations/{organisation}/issues/?statsPeriod=1h&sort=freq&query={query}"
            )
            return f'curl -H "Authorization: Bearer $SENTRY_AUTH_TOKEN" "{asked}"'
        case ("crashlytics", _, _):
            return f"open https://console.firebase.google.com/project/{names.get('project', '_')}/crashlytics"
        case ("play", _, _):
            return "open https://play.google.com/console, Android vitals, Crashes and ANRs"
        case ("grafana", _, _):
            return f"open {names.get('link', '')}".strip()
        case _:
            return ""
