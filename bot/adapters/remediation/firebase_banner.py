"""`firebase.banner`: a person's words in the banner of the team's apps, by one parameter of Firebase Remote Config.

Nothing but that parameter is changed, and only its default value. Undo puts back what the parameter was, unless others
have written there since.
https://firebase.google.com/docs/reference/remote-config/rest/v1/RemoteConfig
"""

import copy
import json
from collections.abc import Mapping
from typing import Any

from bot.adapters.remediation.protocol import Task
from bot.adapters.remediation.remote_config import (
    ACT_TIMEOUT_S,
    READ_TIMEOUT_S,
    TOKEN_TIMEOUT_S,
    ConfigTemplate,
    fetch_token,
    list_versions,
    open_config,
    publish,
    read_template,
    read_token,
)
from bot.domain.banner_words import MAX_BANNER_LENGTH, explain_unfit, list_doubts
from bot.domain.remediation_plan import Change, Plan
from bot.ports.remediation import Observation, Receipt, Refusal, RemediationUnavailable
from bot.text.truncation import cut

KEY = "remediation_google_credentials"
SETTING = "TOCSIN_REMEDIATION_GOOGLE_CREDENTIALS"
NOTHING = "nothing"
SEEN = (
    "Apps show it when they fetch next: at a start or within 12 h by default, at once where they listen live."
)
TEXTS = ("STRING", "JSON", "")

Json = dict[str, Any]


def preview(task: Task) -> Plan | Refusal:
    """What the banner would say in the place of what it says now."""
    if not task.keys.get("firebase_project"):
        return Refusal("No Firebase project is named: set TOCSIN_FIREBASE_PROJECT.")
    given = task.parameters
    text = given.get("text", "")
    if not {"restore", "off"} & given.keys() and (why := explain_unfit(text)):
        return Refusal(f"{why} Nothing of an incident goes there by itself.")
    with open_config(task, read_token(task), READ_TIMEOUT_S) as config:
        template = read_template(config)
    name = str(task.keys["firebase_banner"])
    old = _find_parameter(template.content, name)
    if given.get("instead_of", _read_text(old)) != _read_text(old):
        return Refusal(
            f"The banner says {_quote(_read_text(old))} by now, which somebody else has published since: what others "
            "wrote is not taken back. `/incident fix banner off`, or other words, propose a change of it."
        )
    new = json.loads(given["restore"] or "null") if "restore" in given else _write(old, text)
    if new is None and "restore" not in given:
        return Refusal(
            f"{name} is of a shape that I do not know: its value has to be text, or JSON with a `text`."
        )
    if new == old:
        return Refusal(f"The banner says {_quote(_read_text(old))} already.")
    return _build_plan(task, template, (old, new), name)


def _find_parameter(content: Mapping[str, Any], name: str) -> Json | None:
    """The parameter, also in a group; None where there is none."""
    return next((holder[name] for holder in _list_holders(content) if name in holder), None)


def _list_holders(content: Mapping[str, Any]) -> list[Json]:
    groups = content.get("parameterGroups") or {}
    return [
        content.get("parameters") or {},
        *(group.get("parameters") or {} for group in groups.values()),
    ]


def _write(old: Json | None, text: str) -> Json | None:
    """The parameter with these words as its default value; None where its shape is not known."""
    if old is None:
        made = {"text": text}
        return {"defaultValue": {"value": json.dumps(made, ensure_ascii=False)}, "valueType": "JSON"}
    if old.get("valueType", "") not in TEXTS:
        return None
    value = text
    if old.get("valueType") == "JSON":
        read = _parse_object(old)
        if read is None or (read and not isinstance(read.get("text"), str)):
            return None
        shown = {"enabled": bool(text)} if isinstance(read.get("enabled"), bool) else {}
        value = json.dumps({**read, "text": text, **shown}, ensure_ascii=False)
    return {**old, "defaultValue": {"value": value}}


def _parse_object(parameter: Json) -> Json | None:
    try:
        read = json.loads(_read_value(parameter) or "{}")
    except ValueError:
        return None
    return read if isinstance(read, dict) else None


def _read_value(parameter: Json) -> str:
    """The default value; empty where apps use their own."""
    return str((parameter.get("defaultValue") or {}).get("value", ""))


def _read_text(parameter: Json | None) -> str:
    """What people read of it; empty for nothing."""
    if parameter is None:
        return ""
    if parameter.get("valueType") == "JSON":
        read = _parse_object(parameter)
        if read is not None:
            return str(read.get("text", "")) if read.get("enabled", True) else ""
    return _read_value(parameter)


def _quote(text: str) -> str:
    return f"“{cut(text, MAX_BANNER_LENGTH)}”" if text else NOTHING


def _build_plan(
    task: Task, template: ConfigTemplate, parameters: tuple[Json | None, Json | None], name: str
) -> Plan:
    old, new = parameters
    project, before, then = str(task.keys["firebase_project"]), _read_text(old), _read_text(new)
    others = ", ".join((old or {}).get("conditionalValues") or ())
    red = (
        [f"Where the condition {others} holds, apps keep their own value: they do not show this."]
        if others
        else []
    )
    deed = f"Show {_quote(then)} in the apps' banner" if then else "Take the apps' banner away"
    return Plan(
        target=f"firebase:{project}:{name}",
        title=cut(deed, MAX_BANNER_LENGTH),
        changes=(Change("Banner", _quote(before), _quote(then)),),
        meanwhile="Nothing stops.",
        affected=f"Everybody who has an app of {project} that shows {name}, in whichever language: it stands as typed.",
        undo=f"{f'Put {_quote(before)} back' if before else 'Take it away'}. Who has it keeps it until they fetch.",
        command=f"https://console.firebase.google.com/project/{project}/config: {name}",
        unchecked=("Whether the apps that are out show this parameter at all.",),
        red_lines=(*red, *list_doubts(then)),
        details=(SEEN, f"{len(then)} of {MAX_BANNER_LENGTH} letters.") if then else (SEEN,),
        fingerprint={
            "Remote Config's version": f"{template.number} ({template.etag})",
            "banner": _quote(before),
        },
        action={"name": name, "etag": template.etag, "parameter": new, "version": template.number},
        reverse={
            "restore": json.dumps(old, ensure_ascii=False) if old is not None else "",
            "instead_of": then,
        },
        measure=_quote(before),
    )


def carry_out(task: Task) -> Receipt:
    """Publish the template with that parameter changed, once, if its ETag is still the approved one."""
    try:
        token = fetch_token(task, str(task.keys[KEY]), SETTING, TOKEN_TIMEOUT_S)
        with open_config(task, token, ACT_TIMEOUT_S) as config:
            template = read_template(config)
            if template.etag != task.action["etag"]:
                return Receipt(False, "Remote Config was published by somebody else meanwhile.")
            return publish(config, _change(task, template.content), template.etag)
    except RemediationUnavailable as away:
        return Receipt(False, str(away))


def _change(task: Task, content: Json) -> Json:
    """The template with the one parameter as it was approved, and our key in its description."""
    changed, name, new = copy.deepcopy(content), str(task.action["name"]), task.action["parameter"]
    holder = next((each for each in _list_holders(changed) if name in each), None)
    if holder is None:
        holder = changed.setdefault("parameters", {})
    if new is None:
        holder.pop(name, None)
    else:
        holder[name] = new
    changed["version"] = {"description": task.key}
    return changed


def observe(task: Task) -> Observation:
    """Whether it is published, and still what is published."""
    name, wanted = str(task.action["name"]), task.action["parameter"]
    with open_config(task, read_token(task), READ_TIMEOUT_S) as config:
        template = read_template(config)
        number = _find_own(task, template) or _find_older(task, list_versions(config))
    now = _find_parameter(template.content, name)
    measure = _quote(_read_text(now))
    if number is None:
        return Observation((task.receipt or {}).get("answer") == "accepted", measure=measure)
    facts = {"version": number}
    if now == wanted:
        return Observation(True, True, True, measure, f"Published as version {number}. {SEEN}", facts)
    told = f"Published as version {number}, and replaced by version {template.number} since."
    return Observation(True, True, False, measure, told, facts)


def _find_own(task: Task, template: ConfigTemplate) -> str | None:
    return template.number if template.version.get("description") == task.key else None


def _find_older(task: Task, versions: list[Mapping[str, Any]]) -> str | None:
    """The number of the version that carries our key."""
    found = next((each for each in versions if each.get("description") == task.key), None)
    return str(found["versionNumber"]) if found else None
