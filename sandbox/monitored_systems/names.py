"""The names of what the user's runbook looks at, and the keys that open it."""

from datetime import datetime

REGION = "ap-south-1"
ACCOUNT = "123456789012"
CLUSTER = "rodistaa-production"
SERVICE = "rodistaa-backend-prod"
LOG_GROUP = "/aws/rodistaa/production/backend"
DB_CLUSTER = "rodistaa-prod"
DB_WRITER, DB_READER = "rodistaa-prod-1", "rodistaa-prod-2"

ORGANISATION = "rodistaa"
BACKEND_PROJECT = "rodistaa-backend-prod"
MOBILE_PROJECT = "rodistaa-mobile-prod"
REPOSITORY = "rodistaa/rodistaa"
FIREBASE_PROJECT = "rodistaa-prod"
MOBILE_APP = "1:482913371045:android:9f2c4be07a61d583"
MOBILE_NUMBER = "482913371045"
MOBILE_PACKAGE = "com.rodistaa.shipper"

BACKEND_BEFORE, BACKEND_AFTER = "v2.14.0", "v2.15.0"
MOBILE_BEFORE, MOBILE_AFTER = "5.2.1", "5.3.0"

KEYS = {
    "RAZORPAY_KEY_ID": "rzp_test_SandboxWorld01",
    "RAZORPAY_KEY_SECRET": "sandbox-razorpay-secret",
    "SENTRY_AUTH_TOKEN": "sntrys_sandbox-world",
    "SENTRY_ORG": ORGANISATION,
    "GITHUB_TOKEN": "ghp_sandboxWorld",
    "GITHUB_REPOSITORY": REPOSITORY,
    "GOOGLE_OAUTH_ACCESS_TOKEN": "ya29.sandbox-world",
}
"""By the vendors' own names. They open nothing outside of this machine."""


def format_iso(at: datetime) -> str:
    """An instant as most of the vendors write it: `2024-05-01T10:00:00Z`."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
