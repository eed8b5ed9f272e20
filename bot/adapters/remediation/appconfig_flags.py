"""Feature flags in AWS AppConfig as remediations read them: where they are, what is deployed, what moves.

https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_Operations.html
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.adapters.remediation.aws_calls import Reader
from bot.ports.remediation import Refusal, RemediationUnavailable
from bot.text.redaction import redact
from bot.text.truncation import cut

FEATURE_FLAGS = "AWS.AppConfig.FeatureFlags"
UNDER_WAY = ("VALIDATING", "DEPLOYING", "BAKING", "ROLLING_BACK")
IN_EFFECT = ("BAKING", "COMPLETE")
TAKEN_BACK = ("ROLLING_BACK", "ROLLED_BACK", "REVERTED")
MAX_PAGES, PAGE, MAX_REASON_LENGTH = 10, 50, 200

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FlagPlace:
    """Where flags are: an application, one of its environments and one of its profiles, by their ids and names.
    `partition` is AWS's: `aws`, or another one in China."""

    partition: str
    region: str
    account: str
    application: str
    environment: str
    profile: str
    names: tuple[str, str, str]

    @property
    def target(self) -> str:
        """One deployment of an environment goes on at a time, so that this is what a remediation is about."""
        return f"aws:{self.region}:{self.account}:appconfig:{self.application}/{self.environment}"

    @property
    def title(self) -> str:
        return "/".join(self.names)

    @property
    def arn(self) -> str:
        """The application's ARN: those of its parts begin with it."""
        return f"arn:{self.partition}:appconfig:{self.region}:{self.account}:application/{self.application}"

    @property
    def ids(self) -> dict[str, str]:
        """Which environment, as AppConfig's operations name it."""
        return {"ApplicationId": self.application, "EnvironmentId": self.environment}

    def dump(self) -> dict[str, Any]:
        """As an approved plan keeps it."""
        return {
            "partition": self.partition,
            "region": self.region,
            "account": self.account,
            "application": self.application,
            "environment": self.environment,
            "profile": self.profile,
            "names": list(self.names),
        }


def load_place(kept: Json) -> FlagPlace:
    """The place that an approved plan keeps."""
    values = {name: str(kept[name]) for name in FlagPlace.__dataclass_fields__ if name != "names"}
    application, environment, profile = kept["names"]
    return FlagPlace(**values, names=(application, environment, profile))


def find_place(reader: Reader, parameters: Mapping[str, str]) -> FlagPlace | Refusal:
    """Where the flag is, by the names or ids that were given. Raises RemediationUnavailable."""
    wanted = [parameters.get(name, "") for name in ("application", "environment", "profile")]
    if not all(wanted):
        return Refusal(
            "Say where the flag is: `/incident fix switch FLAG on in APPLICATION/ENVIRONMENT/PROFILE`, or name it in "
            "the runbook's comment."
        )
    application = _pick(reader, "list_applications", {}, wanted[0])
    if application is None:
        return Refusal(f"AppConfig has no application {wanted[0]}.")
    within = {"ApplicationId": application["Id"]}
    environment = _pick(reader, "list_environments", within, wanted[1])
    profile = _pick(reader, "list_configuration_profiles", within, wanted[2])
    if environment is None or profile is None:
        lacks = f"environment {wanted[1]}" if environment is None else f"configuration profile {wanted[2]}"
        return Refusal(f"The application {wanted[0]} has no {lacks}.")
    if profile.get("Type") != FEATURE_FLAGS or profile.get("LocationUri") != "hosted":
        return Refusal(
            f"{wanted[2]} is no profile of feature flags that AppConfig itself keeps: I switch nothing else. A "
            "workflow of yours can: `/incident fix workflow NAME.yml`."
        )
    who = reader.ask("sts", "get_caller_identity")
    application_id, environment_id, profile_id = (
        str(each["Id"]) for each in (application, environment, profile)
    )
    names = (str(application["Name"]), str(environment["Name"]), str(profile["Name"]))
    partition, account = str(who["Arn"]).split(":")[1], str(who["Account"])
    return FlagPlace(partition, reader.region, account, application_id, environment_id, profile_id, names)


def _pick(reader: Reader, operation: str, within: Mapping[str, str], wanted: str) -> Json | None:
    """What has this name, else this id; None where nothing has."""
    listed = _list_all(reader, operation, within)
    named = [each for each in listed if each.get("Name") == wanted]
    return next(iter([*named, *(each for each in listed if each["Id"] == wanted)]), None)


def _list_all(reader: Reader, operation: str, within: Mapping[str, str]) -> list[Json]:
    found: list[Json] = []
    more: dict[str, str] = {}
    for _ in range(MAX_PAGES):
        answer = reader.ask("appconfig", operation, MaxResults=PAGE, **within, **more)
        found += answer.get("Items", ())
        if not answer.get("NextToken"):
            break
        more = {"NextToken": answer["NextToken"]}
    return found


def list_deployments(reader: Reader, place: FlagPlace) -> Sequence[Json]:
    """The environment's last deployments, the newest first. Raises RemediationUnavailable."""
    items: list[Json] = reader.ask("appconfig", "list_deployments", MaxResults=PAGE, **place.ids).get(
        "Items", []
    )
    return sorted(items, key=lambda each: int(each["DeploymentNumber"]), reverse=True)


def read_deployment(reader: Reader, place: FlagPlace, number: int) -> Json:
    """One deployment with what was written beside it and what happened to it. Raises RemediationUnavailable."""
    return reader.ask("appconfig", "get_deployment", DeploymentNumber=number, **place.ids)


def find_deployed(deployments: Sequence[Json], place: FlagPlace) -> Json | None:
    """The newest deployment of the profile that is in effect; None where none is known."""
    return next(
        (
            each
            for each in deployments
            if each.get("ConfigurationProfileId", place.profile) == place.profile
            and each.get("ConfigurationName", place.names[2]) == place.names[2]
            and each["State"] in IN_EFFECT
        ),
        None,
    )


def find_newest_version(reader: Reader, place: FlagPlace) -> int:
    """The number of the profile's newest version, deployed or not. Raises RemediationUnavailable."""
    answer = reader.ask(
        "appconfig",
        "list_hosted_configuration_versions",
        ApplicationId=place.application,
        ConfigurationProfileId=place.profile,
        MaxResults=PAGE,
    )
    return max((int(each["VersionNumber"]) for each in answer.get("Items", ())), default=0)


def read_flags(reader: Reader, place: FlagPlace, version: str) -> dict[str, Any]:
    """The flags of a version: `flags` are their names, `values` how they stand. Raises RemediationUnavailable."""
    answer = reader.ask("appconfig", "get_hosted_configuration_version", **name_version(place, version))
    content = answer["Content"]
    text = content.read() if hasattr(content, "read") else content
    return parse_flags(text, f"Version {version} of {place.title}")


def name_version(place: FlagPlace, version: str) -> dict[str, Any]:
    """Which version, as AppConfig's operations name it."""
    return {
        "ApplicationId": place.application,
        "ConfigurationProfileId": place.profile,
        "VersionNumber": int(version),
    }


def parse_flags(text: str | bytes, what: str) -> dict[str, Any]:
    """The flags of a version's text. Raises RemediationUnavailable where there are none."""
    try:
        read = json.loads(text)
    except ValueError:
        read = None
    if not isinstance(read, dict) or not isinstance(read.get("values"), dict):
        raise RemediationUnavailable(f"{what} holds no feature flags that I can read.")
    return read


def describe_end(deployment: Json) -> str:
    """What AppConfig tells of why it took a deployment back."""
    log = [str(each.get("Description", "")) for each in deployment.get("EventLog", ())]
    return cut(redact(next((text for text in log if text), "it says no reason")), MAX_REASON_LENGTH)
