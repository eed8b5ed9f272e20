"""Maps every error of AWS to Inconclusive: the cause, a sentence, and what to do.

Codes: "Common errors" in the API reference of each service. Messages are AWS's, redacted.
"""

import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from botocore import parsers
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from bot.domain.finding import Inconclusive, UnknownCause
from bot.domain.playbook import AwsCall
from bot.text.redaction import redact
from diagnostics.clients.aws.botocore_errors import DETOUR, CredentialsError, explain_silence, shorten_line
from diagnostics.clients.aws.http_deadline import DeadlineError, InvalidResponseError, ResponseSizeError

T = TypeVar("T")


DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "UnauthorizedOperation",
        "UnauthorizedException",
        "UnauthorizedAccess",
        "AuthorizationError",
        "NotAuthorized",
    }
)
EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"})
CLOCK = frozenset({"RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture"})
UNKNOWN_KEY = frozenset(
    {
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "AuthFailure",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "OptInRequired",
    }
)
THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "LimitExceededException",
        "BandwidthLimitExceeded",
        "ProvisionedThroughputExceededException",
        "TransactionInProgressException",
        "SlowDown",
        "PriorRequestNotComplete",
        "EC2ThrottledException",
    }
)
MISSING = re.compile(r"NotFound|NoSuch|DoesNotExist|NotExist", re.IGNORECASE)
WRONG = re.compile(
    r"Invalid|Validation|Malformed|Parameter|Unsupported|UnknownOperation|ClientException$", re.IGNORECASE
)
ACTION = re.compile(r"\b(?:perform|actions?):?\s+(?P<action>[a-z0-9-]+:[A-Za-z0-9]+)", re.IGNORECASE)
PREFIXES = {
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "opensearch": "es",
    "stepfunctions": "states",
}
"""Services whose actions IAM knows by another name than boto3's."""


def call_or_explain(ask: Callable[[], T], call: AwsCall, region: Callable[[], str]) -> T:
    """What `ask` returns. Raises Inconclusive for everything that botocore raises."""
    try:
        return ask()
    except ClientError as error:
        raise explain_refusal(error, call, describe_place(call, region())) from None
    except (DeadlineError, ConnectTimeoutError, ReadTimeoutError):
        raise Inconclusive(
            UnknownCause.TIMEOUT, f"{describe_place(call, region())} has not answered in time."
        ) from None
    except ResponseSizeError as error:
        raise Inconclusive(
            UnknownCause.NOT_UNDERSTOOD, f"{describe_place(call, region())} {error}", "Ask for less."
        ) from None
    except BotoCoreError as error:
        raise explain_silence(error, call, describe_place(call, region())) from None
    except (InvalidResponseError, ResponseParserError):
        raise _no_answer(describe_place(call, region())) from None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        if _is_of_the_parser(error):
            raise _no_answer(describe_place(call, region())) from None
        if not isinstance(error, ValueError) or "endpoint" not in str(error).lower():
            raise
        said = "AWS skipped: AWS_ENDPOINT_URL is no address."
        raise Inconclusive(
            UnknownCause.NOT_CONFIGURED, said, "Correct it, or leave it unset for AWS itself."
        ) from None


def _is_of_the_parser(error: Exception) -> bool:
    """Whether botocore stumbled over a document of another shape than AWS's: it has no error of its own for that."""
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_code.co_filename == parsers.__file__ for frame, _ in frames)


def _no_answer(where: str) -> Inconclusive:
    said = f"{where} answered with something that is no answer of AWS."
    return Inconclusive(UnknownCause.NOT_UNDERSTOOD, said, DETOUR)


def describe_place(call: AwsCall, region: str) -> str:
    """Where a call is asked, as its sentences name it: `AWS ecs in ap-south-1`."""
    return f"AWS {call.service} in {redact(region) if region else 'no region'}"


@dataclass(frozen=True, slots=True)
class _Refusal:
    """What AWS answered instead: its code, its own words, the status, and what it would have taken to be allowed."""

    code: str
    words: str
    status: int
    where: str
    action: str

    @property
    def says(self) -> str:
        return f"{self.words} ({shorten_line(self.code)})" if self.words else shorten_line(self.code)


REFUSALS: tuple[tuple[Callable[[_Refusal], object], Callable[[_Refusal], Inconclusive]], ...] = (
    (
        lambda its: its.code in EXPIRED,
        lambda its: CredentialsError(
            UnknownCause.FORBIDDEN, "The credentials for AWS have expired.", "Renew them where Tocsin runs."
        ),
    ),
    (
        lambda its: its.code in CLOCK,
        lambda its: Inconclusive(
            UnknownCause.FORBIDDEN,
            f"{its.where} finds the request too old or too new ({its.code}).",
            "Check the clock here.",
        ),
    ),
    (
        lambda its: its.code in UNKNOWN_KEY,
        lambda its: CredentialsError(
            UnknownCause.FORBIDDEN,
            f"{its.where} does not know the credentials ({its.code}).",
            "Check the key, and whether it belongs to this region and partition.",
        ),
    ),
    (
        lambda its: its.code == "SubscriptionRequiredException",
        lambda its: Inconclusive(
            UnknownCause.FORBIDDEN,
            f"{its.where} needs a support plan that this account does not have.",
            "Open the console.",
        ),
    ),
    (
        lambda its: its.code in THROTTLED or its.status == 429,
        lambda its: Inconclusive(
            UnknownCause.THROTTLED, f"{its.where} asks to wait ({shorten_line(its.code)})."
        ),
    ),
    (
        lambda its: its.code in DENIED or its.status in (401, 403),
        lambda its: Inconclusive(
            UnknownCause.FORBIDDEN, f"AWS denies {its.action}.", f"Allow {its.action} for Tocsin's role."
        ),
    ),
    (
        lambda its: MISSING.search(its.code) or its.status == 404,
        lambda its: Inconclusive(
            UnknownCause.NOT_FOUND, f"{its.where}: {its.says}.", "Check the name and the region."
        ),
    ),
    (
        lambda its: its.status >= 500,
        lambda its: Inconclusive(UnknownCause.UNREACHABLE, f"{its.where} returned {its.status}."),
    ),
    (
        lambda its: WRONG.search(its.code),
        lambda its: Inconclusive(
            UnknownCause.NOT_UNDERSTOOD, f"{its.where} does not take the question: {its.says}."
        ),
    ),
)
"""By code and status, the first that holds: what AWS refuses."""


def explain_refusal(error: ClientError, call: AwsCall, where: str) -> Inconclusive:
    """What AWS answered instead, as a cause and a sentence."""
    about = error.response.get("Error", {})
    words = shorten_line(str(about.get("Message", "")))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    refusal = _Refusal(str(about.get("Code", "")), words, status, where, _action(error, call, words))
    for holds, tell in REFUSALS:
        if holds(refusal):
            return tell(refusal)
    return Inconclusive(UnknownCause.NOT_UNDERSTOOD, f"{where} refuses: {refusal.says}.")


def _action(error: ClientError, call: AwsCall, words: str) -> str:
    """As IAM names it: by AWS's own words, which may be about a role that could not be assumed, else by the call."""
    if named := ACTION.search(words):
        return named["action"]
    if error.operation_name == "AssumeRole":
        return "sts:AssumeRole"
    return f"{PREFIXES.get(call.service, call.service)}:{call.operation}"
