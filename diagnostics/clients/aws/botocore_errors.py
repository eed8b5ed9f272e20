"""Maps botocore's own errors to Inconclusive: nothing came from AWS, or nothing was sent."""

import os
from collections.abc import Callable
from dataclasses import dataclass

from botocore.exceptions import (
    BotoCoreError,
    ConfigNotFound,
    ConfigParseError,
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
    SSLError,
    SSOError,
    TokenRetrievalError,
    UnknownServiceError,
)

from bot.domain.finding import Inconclusive, UnknownCause
from bot.domain.playbook import AwsCall
from bot.text.redaction import redact
from diagnostics.clients.network import explain_connection_error

DETOUR = "Check whether a proxy or AWS_ENDPOINT_URL stands in between."


class CredentialsError(Inconclusive):
    """The credentials are missing, wrong or over: they have to be read anew before the next question."""


@dataclass(frozen=True, slots=True)
class _Failure:
    """Nothing came from AWS, or nothing was sent: the error, by which call, and where it was asked."""

    error: BotoCoreError
    call: AwsCall
    where: str

    @property
    def reason(self) -> str:
        """Why there is no connection, in the words of the other clients."""
        return explain_connection_error(Exception(self.error.kwargs.get("error", self.error)))

    @property
    def profile(self) -> str:
        return redact(self.call.profile or os.environ.get("AWS_PROFILE", ""))


FAILURES: tuple[tuple[tuple[type[Exception], ...], Callable[[_Failure], Inconclusive]], ...] = (
    (
        (NoRegionError,),
        lambda its: Inconclusive(
            UnknownCause.NOT_CONFIGURED,
            "AWS skipped: no region is set.",
            "Set AWS_REGION where Tocsin runs.",
        ),
    ),
    (
        (InvalidRegionError,),
        lambda its: Inconclusive(
            UnknownCause.NOT_CONFIGURED, f"{its.where}: that is no region.", "Correct the region."
        ),
    ),
    (
        (NoCredentialsError, PartialCredentialsError, NoAuthTokenError),
        lambda its: CredentialsError(
            UnknownCause.NOT_CONFIGURED,
            "AWS skipped: there are no credentials.",
            "Set AWS_PROFILE or keys, or give the machine or the task a role.",
        ),
    ),
    (
        (ProfileNotFound,),
        lambda its: CredentialsError(
            UnknownCause.NOT_CONFIGURED,
            f"AWS skipped: there is no profile {its.profile}.",
            "Add it to ~/.aws/config where Tocsin runs.",
        ),
    ),
    (
        (ConfigParseError, ConfigNotFound, InvalidConfigError),
        lambda its: CredentialsError(
            UnknownCause.NOT_CONFIGURED,
            "AWS skipped: its configuration cannot be read.",
            "Check ~/.aws/config where Tocsin runs.",
        ),
    ),
    (
        (TokenRetrievalError, SSOError, LoginRefreshRequired),
        lambda its: CredentialsError(
            UnknownCause.FORBIDDEN,
            "The sign-in at AWS has ended.",
            "Sign in again: aws sso login, or aws login.",
        ),
    ),
    (
        (CredentialRetrievalError,),
        lambda its: CredentialsError(
            UnknownCause.FORBIDDEN,
            "AWS skipped: its credentials could not be fetched.",
            "Check what fetches them for this profile.",
        ),
    ),
    (
        (SSLError,),
        lambda its: Inconclusive(
            UnknownCause.UNREACHABLE, f"{its.where}: its certificate is not trusted.", DETOUR
        ),
    ),
    (
        (EndpointConnectionError,),
        lambda its: Inconclusive(
            UnknownCause.UNREACHABLE,
            f"{its.where} cannot be reached: {its.reason}.",
            "Check the network from here, and whether that region exists.",
        ),
    ),
    (
        (ProxyConnectionError,),
        lambda its: Inconclusive(
            UnknownCause.UNREACHABLE, f"{its.where} cannot be reached: the proxy does not answer."
        ),
    ),
    (
        (PaginationError,),
        lambda its: Inconclusive(
            UnknownCause.NOT_UNDERSTOOD,
            f"{its.where} sends from one page to the same page.",
            "Run the command yourself.",
        ),
    ),
    (
        (ParamValidationError, UnknownServiceError),
        lambda its: Inconclusive(
            UnknownCause.NOT_UNDERSTOOD,
            f"AWS takes no such question: {shorten_line(str(its.error))}.",
            "Correct the command in the runbook.",
        ),
    ),
)
"""By the kind of botocore's error, the first that fits: why there is no answer."""


def explain_silence(error: BotoCoreError, call: AwsCall, where: str) -> Inconclusive:
    """Nothing came from AWS, or nothing was sent."""
    failure = _Failure(error, call, where)
    for kinds, tell in FAILURES:
        if isinstance(error, kinds):
            return tell(failure)
    return Inconclusive(UnknownCause.UNREACHABLE, f"{where} did not answer: {shorten_line(str(error))}.")


def shorten_line(text: str) -> str:
    """One line of it, redacted."""
    return " ".join(redact(text[:2000]).split())[:200].rstrip(". ")
