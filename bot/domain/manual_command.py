"""The command or page for a person who runs a check themselves that the runbook does not spell out.

No secret is in it: `$RAZORPAY_KEY_ID` and its like stand for themselves.
"""

from collections.abc import Callable, Mapping
from urllib.parse import quote

from bot.domain.playbook import Action, VendorCall
from bot.text.redaction import redact


def build_manual_command(action: Action, value_of: Callable[[str], str | None]) -> str:
    """One line; empty where the runbook itself has the command."""
    call = action.call
    if not isinstance(call, VendorCall):
        return ""
    system, _, _ = call.what.partition(".")
    build = COMMANDS.get(system)
    return build(call.names, value_of) if build is not None else ""


Names = Mapping[str, str]
ValueOf = Callable[[str], str | None]


def _check_health(names: Names, value_of: ValueOf) -> str:
    return f"curl -i {redact(value_of('TOCSIN_HEALTH_URL') or 'https://YOUR-API/health')}"


def _list_load_balancer_metrics(names: Names, value_of: ValueOf) -> str:
    return (
        "aws cloudwatch list-metrics --namespace AWS/ApplicationELB --metric-name HTTPCode_Target_5XX_Count"
    )


def _list_razorpay_payments(names: Names, value_of: ValueOf) -> str:
    return 'curl -u "$RAZORPAY_KEY_ID:$RAZORPAY_KEY_SECRET" "https://api.razorpay.com/v1/payments?count=100"'


def _list_sentry_issues(names: Names, value_of: ValueOf) -> str:
    base = (value_of("SENTRY_URL") or "https://sentry.io").rstrip("/")
    organisation = names.get("organisation") or value_of("SENTRY_ORG") or "YOUR-ORG"
    query = quote("is:unresolved" + (f" project:{names['project']}" if "project" in names else ""))
    issues = f"{base}/api/0/organizations/{organisation}/issues/?statsPeriod=1h&sort=freq&query={query}"
    return f'curl -H "Authorization: Bearer $SENTRY_AUTH_TOKEN" "{issues}"'


def _open_crashlytics(names: Names, value_of: ValueOf) -> str:
    return f"open https://console.firebase.google.com/project/{names.get('project', '_')}/crashlytics"


def _open_play_console(names: Names, value_of: ValueOf) -> str:
    return "open https://play.google.com/console, Android vitals, Crashes and ANRs"


def _open_grafana(names: Names, value_of: ValueOf) -> str:
    return f"open {names.get('link', '')}".strip()


COMMANDS: Mapping[str, Callable[[Names, ValueOf], str]] = {
    "health": _check_health,
    "load_balancer": _list_load_balancer_metrics,
    "razorpay": _list_razorpay_payments,
    "sentry": _list_sentry_issues,
    "crashlytics": _open_crashlytics,
    "play": _open_play_console,
    "grafana": _open_grafana,
}
"""By the monitored system that is asked, what a person types or opens instead."""
