"""Everything that can be set, in one frozen object; the only reader of the environment.

A setting's name in the environment is its field's name in capitals. A value comes from the environment or else from the
file `.env` in the current directory or else is the default; an empty value counts as not set, and quotes around a value
are no part of it.
"""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, DotEnvSettingsSource, NoDecode, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from bot.errors import SettingsError

ENV_FILE = Path(".env")
_ALIKE = 0.85  # of 1, by difflib: a letter or two are wrong


def _secret(value: SecretStr) -> SecretStr:
    stripped = value.get_secret_value().strip()
    if not stripped or not stripped.isascii() or not stripped.isprintable() or " " in stripped:
        raise ValueError("must be the secret alone, without spaces and without a word such as “Bot” in front")
    return SecretStr(stripped)


def _url(value: str, *schemes: str) -> str:
    expected = f"must be an address such as {schemes[-1]}://example.org"
    try:
        parts = urlsplit(value.strip())
        port_is_sound = parts.port is None or parts.port > 0
    except ValueError:
        raise ValueError(expected) from None
    if parts.scheme not in schemes or not parts.hostname or not port_is_sound or parts.query or parts.fragment:
        raise ValueError(expected)
    return value.strip().rstrip("/")


def _http_url(value: str) -> str:
    return _url(value, "http", "https")


def _websocket_url(value: str) -> str:
    return _url(value, "ws", "wss")


def _optional_http_url(value: str) -> str:
    return _http_url(value) if value.strip() else ""


def _optional_websocket_url(value: str) -> str:
    return _websocket_url(value) if value.strip() else ""


def _without_version(value: str) -> str:
    return value.removesuffix("/v1").rstrip("/")


def _sqlite_url(value: str) -> str:
    expected = (
        "must name an SQLite file, such as sqlite:///data/easel.db, because other databases are not supported yet"
    )
    try:
        url = make_url(value.strip())
    except ArgumentError:
        raise ValueError(expected) from None
    is_file = bool(url.database) and url.database != ":memory:"
    if url.drivername not in {"sqlite", "sqlite+aiosqlite"} or url.host or not is_file:
        raise ValueError(expected)
    return url.set(drivername="sqlite+aiosqlite").render_as_string(hide_password=False)


def _upper(value: object) -> object:
    return value.strip().upper() if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


_HARMS = ("HATE_SPEECH", "DANGEROUS_CONTENT", "SEXUALLY_EXPLICIT", "HARASSMENT")
_THRESHOLDS = ("OFF", "BLOCK_LOW_AND_ABOVE", "BLOCK_MEDIUM_AND_ABOVE", "BLOCK_ONLY_HIGH")


def _safety(value: object) -> object:
    """The threshold of each category, of "HATE_SPEECH=OFF, HARASSMENT=BLOCK_ONLY_HIGH"."""
    if not isinstance(value, str):
        return value
    chosen: dict[str, str] = {}
    for item in filter(None, (item.strip().upper() for item in value.split(","))):
        harm, _, threshold = (part.strip() for part in item.removeprefix("HARM_CATEGORY_").partition("="))
        if harm not in _HARMS or threshold not in _THRESHOLDS or harm in chosen:
            raise ValueError(
                "must be pairs such as HATE_SPEECH=BLOCK_ONLY_HIGH with commas between them, "
                f"each of {', '.join(_HARMS)} at most once, with {', '.join(_THRESHOLDS)}"
            )
        chosen[harm] = threshold
    return chosen


Secret = Annotated[SecretStr, AfterValidator(_secret)]
Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]


class Settings(BaseSettings):
    """What the operator decides. Read it with `load_settings`, which explains what is wrong in one line."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE,
        env_file_encoding="utf-8-sig",  # a byte order mark, as some editors write, is no part of the first name
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    discord_token: Secret = Field(description="The bot's token, from the Bot page of its Discord application.")
    toapis_api_key: Secret = Field(description="The key for the ToAPIs gateway (it begins with sk-).")
    toapis_base_url: Annotated[str, AfterValidator(_http_url), AfterValidator(_without_version)] = Field(
        "https://toapis.com", description="Where the gateway is; with or without /v1 at the end."
    )
    database_url: Annotated[str, AfterValidator(_sqlite_url)] = Field(
        "sqlite:///data/easel.db",
        description="Where jobs are kept: an SQLite file (three slashes: relative path, four: absolute).",
        validate_default=True,
    )

    discord_api_url: Annotated[str, AfterValidator(_optional_http_url)] = Field(
        "", description="Address of a REST proxy or stand-in, with /api/v10; empty means Discord itself."
    )
    discord_gateway_url: Annotated[str, AfterValidator(_optional_websocket_url)] = Field(
        "", description="Address of the websocket to dial; empty means the one Discord names."
    )
    discord_cdn_url: Annotated[str, AfterValidator(_optional_http_url)] = Field(
        "", description="Address that serves attachments and avatars; empty means Discord itself."
    )
    discord_connect_timeout: Seconds = Field(
        60,
        description="Seconds that a first connection to Discord may take; one that fails ends the start at once.",
    )
    operator_user_id: Annotated[int, Field(ge=1, lt=2**63)] | None = Field(
        None,
        description="Discord user id of who is told of trouble; empty means the owner of the application.",
        json_schema_extra={"expected": "a Discord user id, such as 80351110224678912"},
    )
    message_content_intent: bool = Field(
        False,
        description="Whether to read what is not addressed to the bot; needs the portal's Message Content Intent.",
    )

    user_images_per_window: Count = Field(20, description="Pictures one person may make within the window.")
    user_window_hours: Annotated[float, Field(gt=0, le=8_784, allow_inf_nan=False)] = Field(
        24.0, description="Length of that window in hours; it slides, so each picture is given back on its own."
    )
    user_jobs_in_flight: Count = Field(3, description="Requests one person may have under way at a time.")
    bot_images_per_day: Count = Field(1000, description="Pictures the whole bot may make within 24 hours.")
    bot_tasks_in_flight: Count = Field(100, description="Gateway tasks the whole bot may have under way at a time.")

    person_generation: Annotated[Literal["ALLOW_ALL", "ALLOW_ADULT", "ALLOW_NONE"], BeforeValidator(_upper)] | None = (
        Field(
            None,
            description="Which people may be painted, where a model asks: ALLOW_ALL, ALLOW_ADULT or ALLOW_NONE.",
            json_schema_extra={"expected": "ALLOW_ALL, ALLOW_ADULT or ALLOW_NONE"},
        )
    )
    safety_settings: Annotated[Mapping[str, str], NoDecode, BeforeValidator(_safety)] = Field(
        "",
        description="What is blocked, where a model asks, such as HATE_SPEECH=BLOCK_ONLY_HIGH, HARASSMENT=OFF.",
        validate_default=True,
        json_schema_extra={"expected": "pairs such as HATE_SPEECH=BLOCK_ONLY_HIGH with commas between them"},
    )

    job_timeout_seconds: Seconds = Field(900, description="Seconds until a job that is still painting is given up.")
    resubmit_after_404: bool = Field(
        True,
        description="Whether a submit without an answer may be made once more when the gateway does not know it.",
    )
    poll_first_seconds: Annotated[float, Field(ge=0, le=600, allow_inf_nan=False)] = Field(
        4.0, description="Seconds from submit to the first question, while nothing is known about the model yet."
    )
    poll_min_seconds: Seconds = Field(1.0, description="Shortest pause between two questions about one task.")
    poll_max_seconds: Seconds = Field(10.0, description="Longest pause between two questions about one task.")

    toapis_submits_per_minute: Count = Field(300, description="Submits a minute that the gateway allows the account.")
    toapis_queries_per_minute: Count = Field(3000, description="Questions a minute the gateway allows the account.")
    toapis_connect_timeout: Seconds = Field(10, description="Seconds to wait for a connection to the gateway.")
    toapis_request_timeout: Seconds = Field(60, description="Seconds to wait for an answer of the gateway.")

    transfer_stall_seconds: Seconds = Field(20, description="Seconds without a byte until a transfer is broken off.")
    transfer_timeout_seconds: Seconds = Field(180, description="Seconds until any transfer is broken off.")
    bytes_in_flight_mib: Annotated[int, Field(ge=32, le=1_048_576)] = Field(
        256, description="Memory in MiB that pictures on their way may take together."
    )
    allow_private_addresses: bool = Field(
        False,
        description="Whether pictures may be fetched from private and loopback addresses; for stand-ins only.",
    )

    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_upper)] = Field(
        "INFO", description="How much is logged: DEBUG, INFO, WARNING, ERROR or CRITICAL."
    )
    log_format: Annotated[Literal["auto", "console", "json"], BeforeValidator(_lower)] = Field(
        "auto", description="How it is logged: console, json (a line each) or auto (console on a terminal)."
    )

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody may ever read."""
        return (self.discord_token.get_secret_value(), self.toapis_api_key.get_secret_value())

    @model_validator(mode="before")
    @classmethod
    def _unquoted(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Without quotes around a value, which Docker's `--env-file` leaves there; what is empty then is not set."""
        bare = {name: _without_quotes(value) for name, value in values.items()}
        return {name: value for name, value in bare.items() if value != "" or values[name] == ""}

    @model_validator(mode="after")
    def _pauses_are_in_order(self) -> Self:
        if self.poll_min_seconds > self.poll_max_seconds:
            raise ValueError("POLL_MIN_SECONDS must be at most POLL_MAX_SECONDS")
        return self


def load_settings(env_file: Path | None = ENV_FILE, **overrides: Any) -> Settings:
    """Read the settings from the environment and `env_file`.

    Args:
        env_file: a file of `NAME=value` lines, which may be absent; None reads the environment alone.
        overrides: fields by name; they win over the environment and the file.

    Raises:
        SettingsError: with one line naming every variable that is missing or wrong and what is expected.
    """
    if env_file is not None and env_file.is_dir():
        raise SettingsError(f"Settings: {env_file} is a directory; it must be a file with a NAME=value on each line.")
    arguments: dict[str, Any] = {**overrides, "_env_file": env_file}
    try:
        return Settings(**arguments)
    except ValidationError as error:
        raise SettingsError(_explained(error, env_file)) from None  # the cause may quote a secret
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"Settings: {env_file} must be a readable file in UTF-8.") from None


def misspelt(env_file: Path = ENV_FILE) -> list[str]:
    """A sentence for each name in `env_file` or the environment that is no setting's but much like one."""
    known = [name.upper() for name in Settings.model_fields]
    written = [(name, str(env_file)) for name in DotEnvSettingsSource(Settings, env_file=env_file).env_vars]
    given = [(name, "the environment") for name in os.environ]
    return [
        f"{name} in {where} is not known; did you mean {close[0]}?"
        for name, where in ((name.upper(), where) for name, where in written + given)
        if name not in known and (close := difflib.get_close_matches(name, known, n=1, cutoff=_ALIKE))
    ]


def _without_quotes(value: object) -> object:
    if isinstance(value, str) and len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value


def _explained(error: ValidationError, env_file: Path | None) -> str:
    """All that is wrong, in one line, without a value."""
    details = error.errors(include_url=False, include_input=False)
    problems = [_problem(each) for each in details]
    if env_file is not None and any(each["type"] == "missing" for each in details):
        where = (
            f"into {env_file}" if env_file.exists() else f"into {env_file}, which you begin as a copy of .env.example"
        )
        problems[-1] += f". Write what is missing {where}"
    if len(problems) == 1:
        return f"Settings: {problems[0]}."
    return "Settings: " + " ".join(f"({number}) {problem}." for number, problem in enumerate(problems, start=1))


def _problem(details: ErrorDetails) -> str:
    """What is wrong with one variable, without its value."""
    if not details["loc"]:
        return details["msg"].removeprefix("Value error, ")
    name = str(details["loc"][0])
    if details["type"] == "missing":
        description = (Settings.model_fields[name].description or "").rstrip(".")
        return f"{name.upper()} is missing ({description})"
    if details["type"] == "value_error":
        return f"{name.upper()} {details['msg'].removeprefix('Value error, ')}"
    return f"{name.upper()} must be {_expected(name)}"


def _expected(name: str) -> str:
    """What a value of this field may be, read off its type: "a whole number between 1 and 1000000"."""
    schema: dict[str, Any] = Settings.model_json_schema()["properties"][name]
    if "expected" in schema:
        return str(schema["expected"])
    if values := schema.get("enum"):
        return f"{', '.join(values[:-1])} or {values[-1]}"
    if schema["type"] == "boolean":
        return "true or false"
    number = "a whole number" if schema["type"] == "integer" else "a number"
    if "exclusiveMinimum" in schema:
        return f"{number} above {schema['exclusiveMinimum']:g} and at most {schema['maximum']:.10g}"
    return f"{number} between {schema['minimum']} and {schema['maximum']}"
