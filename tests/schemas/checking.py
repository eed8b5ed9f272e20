"""Whether Slack takes what is sent to it: by Slack's own types, by its limits, and by what holds between the parts."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import extend

from tests.schemas.compiled import Compiler
from tests.schemas.limits import Definitions, Schema, limited
from tests.schemas.rules import blocks_problems, text_problems, view_problems

COMMAND_ANSWER, RESPONSE_URL, VIEW_ANSWER = "command answer", "response_url", "view answer"
"""What is sent and is no Web API method: the answer to a command, to a response_url, to a submitted modal."""

SURFACES = {"views.open": "modal", "views.push": "modal", "views.publish": "home", VIEW_ANSWER: "modal"}
LONGEST_SENTENCE = 300
GENERATED = Path(__file__).parent / "slack.json"


def validate(method: str, arguments: Mapping[str, Any]) -> list[str]:
    """Why Slack would refuse this call, each reason with its place; empty when it takes it.

    `method` is a Web API method, COMMAND_ANSWER, RESPONSE_URL or VIEW_ANSWER. The arguments may be form fields,
    where everything is text.
    """
    if method not in definitions():
        return [f"{method}: not in {GENERATED.name}; run `node tests/schemas/generate.mjs`"]
    sent = _read(method, arguments)
    wrong = () if _compiler().named(method)(sent) else _validator(method).iter_errors(sent)
    found = [_told(error) for error in wrong] or [*_rules(method, sent)]
    return [f"{method}: {fromkey}" for fromkey in dict.fromkeys(found)]


def message_problems(text: str, blocks: Sequence[Mapping[str, Any]]) -> list[str]:
    """Why Slack would refuse this as a message of ours."""
    return validate("chat.postMessage", {"channel": "C1", "text": text, "blocks": list(blocks)})


def modal_problems(view: Mapping[str, Any]) -> list[str]:
    """Why Slack would refuse to open this modal."""
    return validate("views.open", {"trigger_id": "1.2.3", "view": view})


@cache
def definitions() -> Definitions:
    """Slack's types with its limits, by name."""
    return limited(json.loads(GENERATED.read_text(encoding="utf-8"))["definitions"])


@cache
def _compiler() -> Compiler:
    return Compiler(definitions(), lambda alternatives: _by_type(json.dumps(alternatives)))


@cache
def _validator(name: str) -> Draft202012Validator:
    schema = {"$ref": f"#/definitions/{name}", "definitions": definitions()}
    checked: Draft202012Validator = BY_TYPE(schema)
    return checked


def _read(method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Form fields as the values that they stand for; what is text by its type stays text."""
    properties = {
        name: [schema, *(each["properties"].get(name, {}) for each in definitions()[method].get("anyOf", ()))]
        for name, schema in definitions()[method].get("properties", {}).items()
    }
    read = {}
    for name, value in arguments.items():
        kinds = {each.get("type") for each in properties.get(name, ()) if isinstance(each, dict)}
        read[name] = (
            _parsed(value)
            if isinstance(value, str) and name in properties and "string" not in kinds
            else value
        )
    return read


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _told(error: ValidationError) -> str:
    deepest = best_match([error]) or error
    place = "/".join(map(str, deepest.absolute_path))
    words = deepest.message
    if deepest.validator in ("maxLength", "maxItems") and isinstance(deepest.instance, str | list):
        words = f"{len(deepest.instance)} of them, {deepest.validator_value} is the most"
    if len(words) > LONGEST_SENTENCE:
        words = f"{words[:200]} … {words[-80:]}"
    return f"{place}: {words}" if place else words


def _rules(method: str, sent: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"text: {problem}" for problem in text_problems(method, sent.get("text", "")))
    yield from (f"blocks: {problem}" for problem in blocks_problems(sent.get("blocks", []), "message"))
    if view := sent.get("view"):
        if view["type"] != SURFACES.get(method, view["type"]):
            yield f"view: a {view['type']} where a {SURFACES[method]} is wanted"
        yield from (f"view: {problem}" for problem in view_problems(view))


def _any_of(
    validator: Draft202012Validator, alternatives: list[Schema], instance: object, schema: Schema
) -> Iterator[ValidationError]:
    """`anyOf`, but an object is held against the one alternative of its type: that one can say what is wrong."""
    table = _by_type(json.dumps(alternatives))
    if not table or not isinstance(instance, dict):
        yield from Draft202012Validator.VALIDATORS["anyOf"](validator, alternatives, instance, schema)
    elif (kind := str(instance.get("type"))) in table:
        yield from validator.descend(instance, {"$ref": f"#/definitions/{table[kind]}"})
    else:
        yield ValidationError(f"type {kind} is not taken here, only {', '.join(sorted(table))}")


@cache
def _by_type(alternatives: str) -> Mapping[str, str]:
    """The definition for each type, when all of these alternatives are definitions with a type of their own."""
    found: dict[str, str] = {}
    for name in _leaves(json.loads(alternatives)):
        kind = definitions()[name]["properties"].get("type", {}).get("const") if name else None
        if kind is None or kind in found:
            return {}
        found[kind] = name
    return found


def _leaves(alternatives: list[Schema]) -> Iterator[str]:
    """The names of the definitions that alternatives lead to; an empty name for an alternative without one."""
    for alternative in alternatives:
        name = alternative.get("$ref", "").rpartition("/")[2] if isinstance(alternative, dict) else ""
        inner = definitions()[name] if name else {}
        if set(inner) == {"anyOf"}:
            yield from _leaves(inner["anyOf"])
        else:
            yield name if "properties" in inner else ""


BY_TYPE = extend(Draft202012Validator, {"anyOf": _any_of})  # type: ignore[no-untyped-call]
