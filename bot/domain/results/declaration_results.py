"""Results of declaring an incident."""

from datetime import datetime

from bot.domain.results.request_result import RequestResult
from bot.domain.text_fields import text_record


@text_record
class DeclaredResult(RequestResult):
    """The incident is declared. `called`, `missing` and `held` name contacts: paged, not reachable, waiting until they
    acknowledge another page. `everyone` is why the incidents channel is paged, `empty` its name while nobody is in it;
    `similar` is the number of an open incident that looks alike, `cut` the length of a title that was shortened;
    `channel` is where to go, as soon as that is known."""

    did = "declared"
    severity: str
    title: str
    called: str
    missing: str
    everyone: str
    similar: int | None
    cut: int | None
    private: bool
    drill: bool
    empty: str
    held: str
    channel: str = ""


@text_record
class DeclaredBeforeResult(RequestResult):
    """The same person declared the same words `seconds` ago: is it another incident? Nothing was declared. `said` is
    the declaration as JSON, `by` who made it in the request `key` at the time `at`."""

    did = "declared_before"
    severity: str
    title: str
    seconds: int
    by: str
    at: datetime
    key: str
    said: str


DeclarationResult = DeclaredResult | DeclaredBeforeResult
