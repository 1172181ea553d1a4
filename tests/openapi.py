"""An outside judge of the Discord stand-in: Discord's own OpenAPI description, where it lies beside the repository."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeGuard

import jsonschema_rs
import pytest

from bot.sandbox.record import Exchange

DESCRIPTION = Path(__file__).parents[2] / "shared" / "discord" / "openapi.json"
# Keys of ids in requests; `users` and `roles` are lists of `allowed_mentions`.
_IDS = {"attachments.id", "message_id", "channel_id", "guild_id", "recipient_id", "users", "roles"}
_URI = "https://discord.example/openapi.json"


def openapi_judge() -> "OpenApiJudge":
    """The judge; without the description the test is skipped, and says so."""
    if not DESCRIPTION.is_file():
        pytest.skip(f"Discord's OpenAPI description is not at {DESCRIPTION}: nothing is compared with it")
    return _judge(DESCRIPTION)


@cache
def _judge(path: Path) -> "OpenApiJudge":
    return OpenApiJudge(path)


class OpenApiJudge:
    """Says where a recorded exchange differs from Discord's description of its API."""

    def __init__(self, path: Path) -> None:
        self._description: dict[str, Any] = json.loads(path.read_bytes())
        # It leaves out FORWARD, which Discord's documentation has under "Message Reference Types".
        self._description["components"]["schemas"]["MessageReferenceType"]["oneOf"].append({"const": 1})
        self._registry = jsonschema_rs.Registry([(_URI, self._description)])
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def complaints(self, exchange: Exchange) -> list[str]:
        """What is wrong with the request that was granted, and with the answer.

        A request that was refused is not looked at, nor an answer that no handler gave (a fault did), nor one of 5xx.
        """
        if exchange.service != "discord" or not exchange.acted or exchange.status is None or exchange.status >= 500:
            return []
        operation = self._description["paths"].get(exchange.route, {}).get(exchange.method.lower())
        if operation is None:
            return self._complaints_without_operation(exchange)
        pointer = f"/paths/{_escaped(exchange.route)}/{exchange.method.lower()}"
        found = [] if exchange.replaced else self._answer_complaints(exchange, operation, pointer)
        if exchange.status < 400:
            found += self._request_complaints(exchange, operation, pointer)
        return [f"{exchange.number}. {exchange.method} {exchange.route} {exchange.status}: {each}" for each in found]

    def _complaints_without_operation(self, exchange: Exchange) -> list[str]:
        about = f"{exchange.number}. {exchange.method} {exchange.route} {exchange.status}"
        if exchange.status is not None and exchange.status < 400:
            return [f"{about}: Discord has no such route, and yet it was granted"]
        found = self._violations("/components/schemas/ErrorResponse", _numbered_codes(exchange.answer))
        return [f"{about}: {each}" for each in found]

    def _request_complaints(self, exchange: Exchange, operation: Mapping[str, Any], pointer: str) -> list[str]:
        content = operation.get("requestBody", {}).get("content", {})
        if not content:
            return ["a body where there is none to be"] if exchange.body is not None else []
        if exchange.body is None:
            return []
        if exchange.content_type not in content:
            return [f"content type {exchange.content_type}"]
        # A multipart body's `payload_json` is the JSON body; the files beside it have no schema worth the name.
        where = f"{pointer}/requestBody/content/{_escaped('application/json')}/schema"
        return self._violations(where, _with_text_ids(exchange.body), "request")

    def _answer_complaints(self, exchange: Exchange, operation: Mapping[str, Any], pointer: str) -> list[str]:
        responses: Mapping[str, Any] = operation["responses"]
        kinds = (str(exchange.status), f"{str(exchange.status)[0]}XX")
        kind = next((each for each in kinds if each in responses), None)
        if kind is None:
            return ["Discord does not answer with this status"]
        where, response = f"{pointer}/responses/{kind}", responses[kind]
        if "$ref" in response:
            where = str(response["$ref"]).removeprefix("#")
            response = self._description["components"]["responses"][where.rpartition("/")[2]]
        if "application/json" not in response.get("content", {}):
            return [] if exchange.answer is None else ["an answer with a body where there is none to be"]
        where = f"{where}/content/{_escaped('application/json')}/schema"
        return self._violations(where, _numbered_codes(exchange.answer), "answer")

    def _violations(self, pointer: str, value: Any, what: str = "answer") -> list[str]:
        validator = self._validators.get(pointer)
        if validator is None:
            schema = {"$ref": f"{_URI}#{pointer}"}
            validator = jsonschema_rs.Draft202012Validator(schema, registry=self._registry, validate_formats=False)
            self._validators[pointer] = validator
        return [
            f"{what} at {list(error.instance_path)}: {error.message[:500]}" for error in validator.iter_errors(value)
        ]


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")


def _with_text_ids(body: Any, key: str = "") -> Any:
    """The body with ids as text: discord.py sends integers in some places, which Discord takes too."""
    if _is_list(body):
        return [_with_text_ids(each, key) for each in body]
    if not _is_object(body):
        return str(body) if type(body) is int and key in _IDS else body
    inner = {name: f"{key}.id" if name == "id" else name for name in body}
    return {name: _with_text_ids(value, inner[name]) for name, value in body.items()}


def _numbered_codes(answer: Any) -> Any:
    """The answer with numbers for the codes of nested errors: the description says integer, Discord sends text."""
    if _is_list(answer):
        return [_numbered_codes(each) for each in answer]
    if not _is_object(answer):
        return answer
    errors: Any = answer.get("_errors")
    if _is_list(errors):
        return {"_errors": [{**error, "code": 0} for error in errors]}
    return {key: _numbered_codes(value) for key, value in answer.items()}


def _is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _is_list(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)
