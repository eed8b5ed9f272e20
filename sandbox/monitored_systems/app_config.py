"""AWS AppConfig, which moto has only in parts: hosted flags, and deployments that grow over time and are taken back.

A deployment is DEPLOYING while it grows, then BAKING, then COMPLETE; only one goes on in an environment at a time.
https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_Operations.html
"""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]
DEPLOYMENTS = r"/applications/(?P<application>[\w-]+)/environments/(?P<environment>[\w-]+)/deployments"
PROFILES = r"/applications/(?P<application>[\w-]+)/configurationprofiles"
VERSIONS = rf"{PROFILES}/(?P<profile>[\w-]+)/hostedconfigurationversions"
REVERTED_WITHIN_S = 72 * 3600


@dataclass(slots=True)
class AppConfigAnswer:
    """What goes back: JSON, or `content` where a version's own text is asked for."""

    status: int
    body: Json = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes | None = None

    @property
    def payload(self) -> bytes:
        return self.content if self.content is not None else json.dumps(self.body).encode()


@dataclass(slots=True)
class FlagDeployment:
    """One deployment. `began` is of the clock; `end` is how it was taken back."""

    number: int
    version: int
    began: float
    description: str = ""
    end: str = ""
    why: str = ""


@dataclass(slots=True)
class FlagEnvironment:
    """One application with one environment and one profile, all of one name each. `growth_s` and `bake_s` are how long
    a deployment grows and is watched; `alarm` takes the next one back while it grows."""

    application: str
    flags: Mapping[str, bool]
    environment: str = "production"
    profile: str = "flags"
    growth_s: float = 2.0
    bake_s: float = 3.0
    alarm: str = ""
    clock: Callable[[], float] = time.time
    versions: list[bytes] = field(default_factory=list)
    deployments: list[FlagDeployment] = field(default_factory=list)
    profile_type: str = "AWS.AppConfig.FeatureFlags"
    has_variants: bool = False

    def __post_init__(self) -> None:
        values: Json = {name: {"enabled": is_on} for name, is_on in self.flags.items()}
        if self.has_variants:
            values = {name: {"_variants": [{"name": "a", "enabled": True}]} for name in self.flags}
        names = {name: {"name": name} for name in self.flags}
        self.versions.append(json.dumps({"version": "1", "flags": names, "values": values}).encode())
        self.deployments.append(FlagDeployment(1, 1, self.clock() - 3600))

    def is_on(self, flag: str) -> bool:
        """What apps get now of a flag."""
        standing = [each for each in self.deployments if not each.end and self.state(each) != "DEPLOYING"]
        values = json.loads(self.versions[standing[-1].version - 1])["values"]
        return bool(values[flag]["enabled"])

    def deploy(self, flags: Mapping[str, bool]) -> None:
        """Somebody deploys flags that stand so, long ago enough to be everywhere."""
        content = json.loads(self.versions[-1])
        content["values"] = {name: {"enabled": is_on} for name, is_on in flags.items()}
        self.versions.append(json.dumps(content).encode())
        began = self.clock() - self.growth_s - self.bake_s
        self.deployments.append(FlagDeployment(len(self.deployments) + 1, len(self.versions), began))

    def state(self, deployment: FlagDeployment) -> str:
        """Where a deployment is by now."""
        if deployment.end:
            return deployment.end
        age = self.clock() - deployment.began
        if (
            self.alarm
            and deployment is self.deployments[-1]
            and deployment.number > 1
            and age > self.growth_s / 2
        ):
            deployment.end, deployment.why = "ROLLED_BACK", self.alarm
            return deployment.end
        if age < self.growth_s:
            return "DEPLOYING"
        return "BAKING" if age < self.growth_s + self.bake_s else "COMPLETE"

    def describe(self, deployment: FlagDeployment) -> Json:
        """One deployment as AppConfig tells it."""
        state, age = self.state(deployment), self.clock() - deployment.began
        share = min(100.0, 100 * age / self.growth_s) if self.growth_s else 100.0
        told: Json = {
            "ApplicationId": self.application,
            "EnvironmentId": self.environment,
            "ConfigurationProfileId": self.profile,
            "ConfigurationName": self.profile,
            "DeploymentNumber": deployment.number,
            "ConfigurationVersion": str(deployment.version),
            "DeploymentStrategyId": "AppConfig.AllAtOnce",
            "Description": deployment.description,
            "State": state,
            "PercentageComplete": share,
            "EventLog": [{"Description": deployment.why}] if deployment.why else [],
            "StartedAt": _format(deployment.began),
        }
        if state == "COMPLETE":
            told["CompletedAt"] = _format(deployment.began + self.growth_s + self.bake_s)
        return told


def _format(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class AppConfig:
    """The interface. `applications` are made when they are first named where `make` is given."""

    def __init__(
        self, *places: FlagEnvironment, make: Callable[[str], FlagEnvironment] | None = None
    ) -> None:
        self.places = {place.application: place for place in places}
        self._make = make

    def owns(self, path: str) -> bool:
        """Whether a request is for AppConfig, by its path."""
        return path.startswith(("/applications", "/deploymentstrategies/"))

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> AppConfigAnswer:
        """The answer to one request; `headers` with lower names."""
        if path == "/applications":
            return AppConfigAnswer(200, {"Items": [{"Id": name, "Name": name} for name in self.places]})
        if path.startswith("/deploymentstrategies/"):
            return self._describe_strategy(path.rpartition("/")[2])
        for verb, pattern, respond in ROUTES:
            found = re.fullmatch(pattern, path)
            if found and verb == method:
                place = self.find(found["application"])
                if place is None:
                    return _refuse(404, "ResourceNotFoundException", "Could not find the application.")
                return respond(place, found, headers, body)
        return _refuse(404, "ResourceNotFoundException", f"{method} {path} is not here.")

    def find(self, application: str) -> FlagEnvironment | None:
        """An application, made where it is not there yet and may be."""
        if application not in self.places and self._make is not None:
            self.places[application] = self._make(application)
        return self.places.get(application)

    def _describe_strategy(self, name: str) -> AppConfigAnswer:
        if name != "AppConfig.AllAtOnce":
            return _refuse(404, "ResourceNotFoundException", f"There is no strategy {name}.")
        told = {"DeploymentDurationInMinutes": 0, "FinalBakeTimeInMinutes": 10, "GrowthFactor": 100.0}
        return AppConfigAnswer(200, {"Id": name, "Name": name, **told})


def _refuse(status: int, code: str, message: str) -> AppConfigAnswer:
    return AppConfigAnswer(status, {"Message": message}, {"x-amzn-errortype": code})


Respond = Callable[[FlagEnvironment, "re.Match[str]", Mapping[str, str], bytes], AppConfigAnswer]


def _list_environments(
    place: FlagEnvironment, found: "re.Match[str]", headers: Mapping[str, str], body: bytes
) -> AppConfigAnswer:
    return AppConfigAnswer(200, {"Items": [{"Id": place.environment, "Name": place.environment}]})


def _list_profiles(
    place: FlagEnvironment, found: "re.Match[str]", headers: Mapping[str, str], body: bytes
) -> AppConfigAnswer:
    profile = {
        "Id": place.profile,
        "Name": place.profile,
        "LocationUri": "hosted",
        "Type": place.profile_type,
    }
    return AppConfigAnswer(200, {"Items": [profile]})


def _get_environment(
    place: FlagEnvironment, found: "re.Match[str]", headers: Mapping[str, str], body: bytes
) -> AppConfigAnswer:
    return AppConfigAnswer(200, {"Id": place.environment, "Name": place.environment, "Monitors": []})


def _list_versions(
    place: FlagEnvironment, found: "re.Match[str]", headers: Mapping[str, str], body: bytes
) -> AppConfigAnswer:
    numbers = range(len(place.versions), 0, -1)
    return AppConfigAnswer(200, {"Items": [{"VersionNumber": number} for number in numbers]})


def _get_version(
    place: FlagEnvironment, found: "re.Match[str]", headers: Mapping[str, str], body: bytes
) -> AppConfigAnswer:
    number = int(found["version"])
    if number > len(place.versions):
        return _refuse(404, "ResourceNotFoundException", f"There is no version {number}.")
    content = place.versions[number - 1]
    return AppConfigAnswer(
        200, {}, {"Version-Number": str(number), "Content-Type": "application/json"}, content
    )


def _create_version(
    place: FlagEnvironment, found: "re.Match[str]", headers: Mapping[str, str], body: bytes
) -> AppConfigAnswer:
    if int(headers.get("latest-version-number", len(place.versions))) != len(place.versions):
        return _refuse(409, "ConflictException", "The latest version is another one.")
    place.versions.append(body)
    number = {"Version-Number": str(len(place.versions)), "Content-Type": "application/json"}
    return AppConfigAnswer(201, {}, number, body)


def _list_deployments(
    place: FlagEnvironment, found: "re.Match[str]", headers: Mapping[str, str], body: bytes
) -> AppConfigAnswer:
    told = [place.describe(each) for each in reversed(place.deployments)]
    kept = [
        {name: value for name, value in each.items() if name not in ("Description", "EventLog")}
        for each in told
    ]
    return AppConfigAnswer(200, {"Items": kept})


def _get_deployment(
    place: FlagEnvironment, found: "re.Match[str]", headers: Mapping[str, str], body: bytes
) -> AppConfigAnswer:
    number = int(found["number"])
    if number > len(place.deployments):
        return _refuse(404, "ResourceNotFoundException", f"There is no deployment {number}.")
    return AppConfigAnswer(200, place.describe(place.deployments[number - 1]))


def _start_deployment(
    place: FlagEnvironment, found: "re.Match[str]", headers: Mapping[str, str], body: bytes
) -> AppConfigAnswer:
    asked, last = json.loads(body), place.deployments[-1]
    if asked.get("LatestDeploymentNumber", last.number) != last.number:
        return _refuse(409, "ConflictException", "The latest deployment is another one.")
    if place.state(last) in ("DEPLOYING", "BAKING"):
        return _refuse(409, "ConflictException", "Only one deployment goes on in an environment.")
    new = FlagDeployment(
        last.number + 1, int(asked["ConfigurationVersion"]), place.clock(), asked.get("Description", "")
    )
    place.deployments.append(new)
    return AppConfigAnswer(201, place.describe(new))


def _stop_deployment(
    place: FlagEnvironment, found: "re.Match[str]", headers: Mapping[str, str], body: bytes
) -> AppConfigAnswer:
    number = int(found["number"])
    deployment = place.deployments[number - 1]
    state, may_revert = place.state(deployment), headers.get("allow-revert") == "true"
    is_late = place.clock() - deployment.began > REVERTED_WITHIN_S
    if state not in ("DEPLOYING",) and (not may_revert or is_late or number != len(place.deployments)):
        return _refuse(400, "BadRequestException", f"A deployment that is {state} cannot be stopped.")
    deployment.end = "REVERTED" if state == "COMPLETE" else "ROLLED_BACK"
    deployment.why = "Stopped by a person"
    return AppConfigAnswer(202, place.describe(deployment))


ROUTES: tuple[tuple[str, str, Respond], ...] = (
    ("GET", r"/applications/(?P<application>[\w-]+)/environments", _list_environments),
    ("GET", r"/applications/(?P<application>[\w-]+)/environments/[\w-]+", _get_environment),
    ("GET", PROFILES, _list_profiles),
    ("GET", VERSIONS, _list_versions),
    ("GET", rf"{VERSIONS}/(?P<version>\d+)", _get_version),
    ("POST", VERSIONS, _create_version),
    ("GET", DEPLOYMENTS, _list_deployments),
    ("GET", rf"{DEPLOYMENTS}/(?P<number>\d+)", _get_deployment),
    ("POST", DEPLOYMENTS, _start_deployment),
    ("DELETE", rf"{DEPLOYMENTS}/(?P<number>\d+)", _stop_deployment),
)
