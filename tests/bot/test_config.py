import re
from pathlib import Path

import pytest
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from bot.config import Settings, load_settings, misspelt
from bot.errors import EXIT_SETTINGS, SettingsError

TOKEN = "MTIz.token.abc"
KEY = "sk-key-4711"
REQUIRED = {"discord_token": TOKEN, "toapis_api_key": KEY}


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of this machine and no `.env` of this checkout reaches a test."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def complaint(**overrides: object) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(None, **(REQUIRED | overrides))
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_missing_secrets_are_named_together_in_one_line() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings()
    message = str(caught.value)
    assert "DISCORD_TOKEN is missing" in message
    assert "TOAPIS_API_KEY is missing" in message
    assert "\n" not in message
    assert caught.value.exit_code == EXIT_SETTINGS == 78


def test_an_empty_secret_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "")
    monkeypatch.setenv("TOAPIS_API_KEY", KEY)
    with pytest.raises(SettingsError, match=r"^Settings: DISCORD_TOKEN is missing"):
        load_settings()


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("toapis_base_url", "toapis.com", "must be an address such as https://"),
        ("toapis_base_url", "ftp://toapis.com", "must be an address such as https://"),
        ("toapis_base_url", "https://toapis.com:port", "must be an address such as https://"),
        ("toapis_base_url", "https://[::1", "must be an address such as https://"),
        ("toapis_base_url", "https://toapis.com/?key=1", "must be an address such as https://"),
        ("discord_api_url", "discord.com/api", "must be an address such as https://"),
        ("discord_gateway_url", "https://gateway.discord.gg", "must be an address such as wss://"),
        ("discord_cdn_url", "cdn", "must be an address such as https://"),
        ("database_url", "postgresql://user:word@host/easel", "must name an SQLite file"),
        ("database_url", "data/easel.db", "must name an SQLite file"),
        ("database_url", "sqlite://", "must name an SQLite file"),
        ("database_url", "sqlite:///:memory:", "must name an SQLite file"),
        ("database_url", "sqlite://data/easel.db", "must name an SQLite file"),
        ("operator_user_id", "bob", "must be a Discord user id, such as 8"),
        ("operator_user_id", "-1", "must be a Discord user id, such as 8"),
        ("user_images_per_window", "0", "must be a whole number between 1 and 1000000."),
        ("user_images_per_window", "many", "must be a whole number between 1 and 1000000."),
        ("user_images_per_window", "2.5", "must be a whole number between 1 and 1000000."),
        ("user_window_hours", "nan", "must be a number above 0 and at most 8784."),
        ("job_timeout_seconds", "inf", "must be a number above 0 and at most 86400."),
        ("poll_min_seconds", "0", "must be a number above 0 and at most 86400."),
        ("poll_first_seconds", "-1", "must be a number between 0 and 600."),
        ("bytes_in_flight_mib", "1", "must be a whole number between 32 and 1048576."),
        ("resubmit_after_404", "perhaps", "must be true or false."),
        ("person_generation", "EVERYONE", "must be ALLOW_ALL, ALLOW_ADULT or ALLOW_NONE."),
        (
            "safety_settings",
            "OFF",
            "must be pairs such as HATE_SPEECH=BLOCK_ONLY_HIGH with commas between them,",
        ),
        ("safety_settings", "HATE=OFF", "must be pairs such as HATE_SPEECH=BLOCK_ONLY_HIGH"),
        ("safety_settings", "HATE_SPEECH=SOME", "must be pairs such as HATE_SPEECH=BLOCK_ONLY_HIGH"),
        ("safety_settings", "HARASSMENT=OFF, HARASSMENT=OFF", "must be pairs such as HATE_SPEECH=BLOCK_ONLY_HIGH"),
        ("log_level", "LOUD", "must be DEBUG, INFO, WARNING, ERROR or CRITICAL."),
        ("log_format", "xml", "must be auto, console or json."),
    ],
)
def test_a_wrong_value_is_one_line_with_the_variable_and_what_is_expected(
    field: str, value: str, expected: str
) -> None:
    assert complaint(**{field: value}).startswith(f"Settings: {field.upper()} {expected}")


def test_what_may_be_painted_is_the_operators_to_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = load_settings(None, **REQUIRED)
    assert silent.person_generation is None
    assert silent.safety_settings == {}
    monkeypatch.setenv("PERSON_GENERATION", "allow_adult")
    monkeypatch.setenv("SAFETY_SETTINGS", " hate_speech = block_only_high ,HARM_CATEGORY_HARASSMENT=OFF,")
    said = load_settings(None, **REQUIRED)
    assert said.person_generation == "ALLOW_ADULT"
    assert said.safety_settings == {"HATE_SPEECH": "BLOCK_ONLY_HIGH", "HARASSMENT": "OFF"}


def test_all_wrong_values_are_named_at_once() -> None:
    message = complaint(log_level="LOUD", bot_tasks_in_flight="x", toapis_base_url="y")
    assert re.search(r"\(1\) TOAPIS_BASE_URL .+\. \(2\) BOT_TASKS_IN_FLIGHT .+\. \(3\) LOG_LEVEL .+\.$", message)


def test_every_setting_that_can_be_wrong_says_what_is_expected() -> None:
    wrong = {name: ["no", "text"] for name in Settings.model_fields if name not in REQUIRED}
    message = complaint(**{name: value for name, value in wrong.items() if not _takes_text(name)})
    assert "Input" not in message
    assert "valid" not in message


def _takes_text(name: str) -> bool:
    return Settings.model_fields[name].annotation is str


def test_pauses_in_the_wrong_order_name_both_variables() -> None:
    assert "POLL_MIN_SECONDS must be at most POLL_MAX_SECONDS" in complaint(poll_min_seconds=11)


@pytest.mark.parametrize("value", ["Bot hush-hush", "hush\nhush", "hush\x00hush", "hüsh", "   "])
def test_a_malformed_secret_is_refused_without_being_shown(value: str) -> None:
    message = complaint(discord_token=value)
    assert message.startswith("Settings: DISCORD_TOKEN must be the secret alone")
    assert "sh" not in message.lower()


def test_no_complaint_and_no_chained_exception_quotes_a_value() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(None, discord_token="Bot hush", toapis_api_key="sk hush", database_url="mysql://root:hush@host/")
    assert "hush" not in str(caught.value)
    assert caught.value.__suppress_context__
    assert "hush" not in str(caught.value.__context__)


def test_without_a_file_a_missing_setting_says_where_to_begin_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"into \.env, which you begin as a copy of \.env\.example\.$"):
        load_settings()
    (tmp_path / ".env").write_text("LOG_LEVEL=INFO\n")
    with pytest.raises(SettingsError, match=r"Write what is missing into \.env\.$"):
        load_settings()


@pytest.mark.parametrize("quote", ['"', "'"])
def test_quotes_that_docker_leaves_around_a_value_are_no_part_of_it(
    monkeypatch: pytest.MonkeyPatch, quote: str
) -> None:
    written = {"DISCORD_TOKEN": TOKEN, "TOAPIS_API_KEY": KEY, "USER_JOBS_IN_FLIGHT": "7", "OPERATOR_USER_ID": ""}
    for name, value in written.items():
        monkeypatch.setenv(name, f"{quote}{value}{quote}")
    settings = load_settings()
    assert settings.discord_token.get_secret_value() == TOKEN
    assert settings.user_jobs_in_flight == 7
    assert settings.operator_user_id is None


def test_a_single_quote_mark_belongs_to_the_value() -> None:
    assert load_settings(None, discord_token='"', toapis_api_key="'x").toapis_api_key.get_secret_value() == "'x"


def test_a_directory_in_the_files_place_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    with pytest.raises(SettingsError, match=r"\.env is a directory"):
        load_settings()


def test_a_name_that_is_almost_a_settings_is_pointed_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("USER_IMAGE_PER_WINDOW=5\nLOG_LEVEL=INFO\nlog_format=json\nCOLOUR=red\n")
    monkeypatch.setenv("discord_tokn", "x")
    monkeypatch.setenv("COLOR", "blue")
    assert misspelt() == [
        "USER_IMAGE_PER_WINDOW in .env is not known; did you mean USER_IMAGES_PER_WINDOW?",
        "DISCORD_TOKN in the environment is not known; did you mean DISCORD_TOKEN?",
    ]


def test_without_a_file_no_name_is_pointed_out() -> None:
    assert misspelt() == []


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"DISCORD_TOKEN=\xff\xfe")
    with pytest.raises(SettingsError, match=r"\.env must be a readable file in UTF-8"):
        load_settings()


def test_the_environment_wins_over_the_file_and_an_override_over_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"DISCORD_TOKEN={TOKEN}", f"TOAPIS_API_KEY={KEY}", "USER_IMAGES_PER_WINDOW=5", "BOT_IMAGES_PER_DAY=50"]
    (tmp_path / ".env").write_text("\n".join([*lines, "LOG_LEVEL=debug"]), encoding="utf-8")
    monkeypatch.setenv("USER_IMAGES_PER_WINDOW", "6")
    monkeypatch.setenv("BOT_IMAGES_PER_DAY", "60")
    settings = load_settings(bot_images_per_day=70)
    assert settings.discord_token.get_secret_value() == TOKEN
    assert (settings.log_level, settings.user_images_per_window, settings.bot_images_per_day) == ("DEBUG", 6, 70)


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"DISCORD_TOKEN={TOKEN}\nTOAPIS_API_KEY={KEY}\n", encoding="utf-8-sig")
    assert load_settings().discord_token.get_secret_value() == TOKEN


def test_unknown_variables_are_ignored(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"DISCORD_TOKEN={TOKEN}\nTOAPIS_API_KEY={KEY}\nCOLOUR=red\n", encoding="utf-8")
    assert not hasattr(load_settings(), "colour")


def test_the_file_can_be_left_out(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"DISCORD_TOKEN={TOKEN}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="DISCORD_TOKEN is missing"):
        load_settings(None)


@pytest.mark.parametrize(
    "written", ["https://toapis.cn", "https://toapis.cn/", "https://toapis.cn/v1", " https://toapis.cn/v1/ "]
)
def test_the_gateway_address_is_taken_with_and_without_version(written: str) -> None:
    assert load_settings(None, **REQUIRED, toapis_base_url=written).toapis_base_url == "https://toapis.cn"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("sqlite:///data/easel.db", "sqlite+aiosqlite:///data/easel.db"),
        ("sqlite+aiosqlite:////var/lib/easel.db", "sqlite+aiosqlite:////var/lib/easel.db"),
    ],
)
def test_the_database_address_is_given_its_driver(written: str, read: str) -> None:
    assert load_settings(None, **REQUIRED, database_url=written).database_url == read


def test_an_empty_address_means_discord_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_API_URL", "")
    settings = load_settings(None, **REQUIRED, discord_cdn_url="")
    assert (settings.discord_api_url, settings.discord_gateway_url, settings.discord_cdn_url) == ("", "", "")
    assert settings.operator_user_id is None


def test_settings_do_not_change() -> None:
    settings = load_settings(None, **REQUIRED)
    with pytest.raises(ValidationError, match="frozen"):
        settings.log_level = "DEBUG"


def test_printed_settings_show_no_secret() -> None:
    settings = load_settings(None, **REQUIRED)
    assert TOKEN not in f"{settings!r} {settings}"
    assert KEY not in f"{settings!r} {settings} {settings.model_dump_json()}"


def test_every_setting_is_described_in_a_sentence() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name


def test_the_example_file_lists_every_setting_with_its_default_and_description(request: pytest.FixtureRequest) -> None:
    lines = (request.config.rootpath / ".env.example").read_text(encoding="utf-8").splitlines()
    written = {
        name: (value, lines[number - 1].removeprefix("# "))
        for number, line in enumerate(lines)
        if line and not line.startswith("#")
        for name, _, value in [line.partition("=")]
    }
    expected = {name.upper(): (_as_written(field), field.description) for name, field in Settings.model_fields.items()}
    assert written == expected
    assert list(written) == list(expected)


def _as_written(field: FieldInfo) -> str:
    if field.is_required() or field.default is None:
        return ""
    return str(field.default).lower() if isinstance(field.default, bool) else str(field.default)


def test_the_example_file_filled_in_gives_the_defaults(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    example = (request.config.rootpath / ".env.example").read_text(encoding="utf-8")
    filled_in = example.replace("DISCORD_TOKEN=", f"DISCORD_TOKEN={TOKEN}")
    (tmp_path / ".env").write_text(filled_in.replace("API_KEY=", f"API_KEY={KEY}"), encoding="utf-8")
    assert load_settings() == load_settings(None, **REQUIRED)
