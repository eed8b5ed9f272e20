"""Every way in which AWS does not answer, as CannotTell: the cause, a sentence, and what to do about it.

Codes: "Common errors" in the API reference of each service. Messages are AWS's, redacted.
"""

import os
import re
import traceback
from collections.abc import Callable
from typing import TypeVar

from botocore import parsers
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConfigNotFound,
    ConfigParseError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    InvalidConfigError,
    InvalidRegionError,
    LoginRefreshRequired,
    NoAuthTokenError,
    NoCredentialsError,
    NoRegionError,
    PaginationError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    ProxyConnectionError,
    ReadTimeoutError,
    SSLError,
    SSOError,
    TokenRetrievalError,
    UnknownServiceError,
)
from botocore.parsers import ResponseParserError

from bot.step import AwsCall
from diagnostics.aws.wire import Late, NoAnswer, TooLarge
from diagnostics.finding import CannotTell, Cause
from diagnostics.redaction import redacted

T = TypeVar("T")


class Unsigned(CannotTell):
    """The credentials are missing, wrong or over: they have to be read anew before the next question."""


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


def told(ask: Callable[[], T], call: AwsCall, region: Callable[[], str]) -> T:
    """What `ask` returns. Raises CannotTell for everything that botocore raises."""
    try:
        return ask()
    except ClientError as error:
        raise refused(error, call, _where(call, region())) from None
    except (Late, ConnectTimeoutError, ReadTimeoutError):
        raise CannotTell(Cause.TIMEOUT, f"{_where(call, region())} has not answered in time.") from None
    except TooLarge as error:
        raise CannotTell(Cause.NOT_UNDERSTOOD, f"{_where(call, region())} {error}", "Ask for less.") from None
    except BotoCoreError as error:
        raise _unanswered(error, call, _where(call, region())) from None
    except (NoAnswer, ResponseParserError):
        raise _no_answer(_where(call, region())) from None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        if _is_of_the_parser(error):
            raise _no_answer(_where(call, region())) from None
        if not isinstance(error, ValueError) or "endpoint" not in str(error).lower():
            raise
        said = "AWS is not asked: AWS_ENDPOINT_URL is no address."
        raise CannotTell(
            Cause.NOT_CONFIGURED, said, "Correct it, or leave it unset for AWS itself."
        ) from None


def _is_of_the_parser(error: Exception) -> bool:
    """Whether botocore stumbled over a document of another shape than AWS's: it has no error of its own for that."""
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_code.co_filename == parsers.__file__ for frame, _ in frames)


def _no_answer(where: str) -> CannotTell:
    said = f"{where} answered with something that is no answer of AWS."
    return CannotTell(Cause.NOT_UNDERSTOOD, said, _DETOUR)


_DETOUR = "Look whether a proxy or AWS_ENDPOINT_URL stands in between."


def _where(call: AwsCall, region: str) -> str:
    return f"AWS {call.service} in {redacted(region) if region else 'no region'}"


def _unanswered(error: BotoCoreError, call: AwsCall, where: str) -> CannotTell:
    """Nothing came from AWS, or nothing was sent."""
    match error:
        case NoRegionError():
            said = "AWS is not asked: no region is set."
            return CannotTell(Cause.NOT_CONFIGURED, said, "Set AWS_REGION where Tocsin runs.")
        case InvalidRegionError():
            return CannotTell(Cause.NOT_CONFIGURED, f"{where}: that is no region.", "Correct the region.")
        case NoCredentialsError() | PartialCredentialsError() | NoAuthTokenError():
            said = "AWS is not asked: there are no credentials."
            return Unsigned(
                Cause.NOT_CONFIGURED, said, "Set AWS_PROFILE or keys, or give the machine or the task a role."
            )
        case ProfileNotFound():
            name = redacted(call.profile or os.environ.get("AWS_PROFILE", ""))
            said = f"AWS is not asked: there is no profile {name}."
            return Unsigned(Cause.NOT_CONFIGURED, said, "Add it to ~/.aws/config where Tocsin runs.")
        case ConfigParseError() | ConfigNotFound() | InvalidConfigError():
            said = "AWS is not asked: its configuration cannot be read."
            return Unsigned(Cause.NOT_CONFIGURED, said, "Look at ~/.aws/config where Tocsin runs.")
        case TokenRetrievalError() | SSOError() | LoginRefreshRequired():
            return Unsigned(
                Cause.FORBIDDEN,
                "The sign-in at AWS has ended.",
                "Sign in again: aws sso login, or aws login.",
            )
        case CredentialRetrievalError():
            said = "AWS is not asked: its credentials could not be fetched."
            return Unsigned(Cause.FORBIDDEN, said, "Look at what fetches them for this profile.")
        case SSLError():
            return CannotTell(Cause.UNREACHABLE, f"{where}: its certificate is not trusted.", _DETOUR)
        case EndpointConnectionError():
            said = f"{where} cannot be reached: nothing answers at its address."
            return CannotTell(
                Cause.UNREACHABLE, said, "Look whether that region exists, and at the network from here."
            )
        case ProxyConnectionError():
            return CannotTell(Cause.UNREACHABLE, f"{where} cannot be reached: the proxy does not answer.")
        case PaginationError():
            said = f"{where} sends from one page to the same page."
            return CannotTell(Cause.NOT_UNDERSTOOD, said, "Run the command yourself.")
        case ParamValidationError() | UnknownServiceError():
            said = f"AWS takes no such question: {_short(str(error))}."
            return CannotTell(Cause.NOT_UNDERSTOOD, said, "Correct the command in the runbook.")
    return CannotTell(Cause.UNREACHABLE, f"{where} did not answer: {_short(str(error))}.")


def refused(error: ClientError, call: AwsCall, where: str) -> CannotTell:
    """What AWS answered instead, as a cause and a sentence."""
    about = error.response.get("Error", {})
    code, words = str(about.get("Code", "")), _short(str(about.get("Message", "")))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    says = f"{words} ({_short(code)})" if words else _short(code)
    if code in EXPIRED:
        return Unsigned(
            Cause.FORBIDDEN, "The credentials for AWS have expired.", "Renew them where Tocsin runs."
        )
    if code in CLOCK:
        return CannotTell(
            Cause.FORBIDDEN,
            f"{where} finds the request too old or too new ({code}).",
            "Look at the clock here.",
        )
    if code in UNKNOWN_KEY:
        return Unsigned(
            Cause.FORBIDDEN,
            f"{where} does not know the credentials ({code}).",
            "Look at the key, and whether it belongs to this region and partition.",
        )
    if code == "SubscriptionRequiredException":
        return CannotTell(
            Cause.FORBIDDEN,
            f"{where} needs a support plan that this account does not have.",
            "Open the console.",
        )
    if code in THROTTLED or status == 429:
        return CannotTell(Cause.THROTTLED, f"{where} asks to wait ({_short(code)}).")
    if code in DENIED or status in (401, 403):
        action = _action(error, call, words)
        return CannotTell(Cause.FORBIDDEN, f"AWS denies {action}.", f"Allow {action} for Tocsin's role.")
    if MISSING.search(code) or status == 404:
        return CannotTell(Cause.NOT_FOUND, f"{where}: {says}.", "Look at the name and at the region.")
    if status >= 500:
        return CannotTell(Cause.UNREACHABLE, f"{where} answers {status}.")
    if WRONG.search(code):
        return CannotTell(Cause.NOT_UNDERSTOOD, f"{where} does not take the question: {says}.")
    return CannotTell(Cause.NOT_UNDERSTOOD, f"{where} refuses: {says}.")


def _action(error: ClientError, call: AwsCall, words: str) -> str:
    """As IAM names it: by AWS's own words, which may be about a role that could not be assumed, else by the call."""
    if named := ACTION.search(words):
        return named["action"]
    if error.operation_name == "AssumeRole":
        return "sts:AssumeRole"
    return f"{PREFIXES.get(call.service, call.service)}:{call.operation}"


def _short(text: str) -> str:
    """One line of it, redacted."""
    return " ".join(redacted(text[:2000]).split())[:200].rstrip(". ")
