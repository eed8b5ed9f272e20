"""What the start, `check` and `doctor` say of status pages at providers: nothing is published."""

import pytest

from bot.cli.page_examination import examine_pages
from bot.cli.start_check import load_settings
from sandbox.status_pages.incident_io_api import IncidentIoStandIn
from sandbox.status_pages.provider_stand_in import ProviderStandIn
from sandbox.status_pages.statuspage_api import StatuspageStandIn

GIVEN = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "0123456789abcdef" * 2}
PROVIDERS = {
    "STATUSPAGE": (StatuspageStandIn, "STATUSPAGE_PAGE_ID"),
    "INCIDENT_IO": (IncidentIoStandIn, "INCIDENT_IO_STATUS_PAGE_ID"),
}


@pytest.mark.parametrize(
    ("wrong", "said"), [("", ""), ("key", "does not take the key"), ("page", "no such page")]
)
@pytest.mark.parametrize("which", PROVIDERS)
async def test_a_wrong_key_or_page_id_is_said(
    monkeypatch: pytest.MonkeyPatch, which: str, wrong: str, said: str
) -> None:
    kind, id = PROVIDERS[which]
    page: ProviderStandIn = kind()
    await page.start()
    try:
        told = {
            **GIVEN,
            f"{which}_API_KEY": "other" if wrong == "key" else page.key,
            id: "kcwrongpage1" if wrong == "page" else page.page,
            f"{which}_API_URL": page.url,
        }
        for name, value in told.items():
            monkeypatch.setenv(name, value)
        (line,) = await examine_pages(load_settings())
        assert line.why == "" if not wrong else said in line.why
        assert {method for method, _ in page.calls} == {"GET"}
    finally:
        await page.stop()
