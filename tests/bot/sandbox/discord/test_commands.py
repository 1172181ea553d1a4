"""Registering commands."""

from typing import Any

import pytest

from tests.bot.sandbox.discord.rest_client import Rest

WRONG_LENGTH = "BASE_TYPE_BAD_LENGTH"
MANY_CHOICES = [{"name": "c" * 90, "value": "v" * 90} for _ in range(12)]
IMAGINE: dict[str, Any] = {"name": "imagine", "description": "Paint", "type": 1}


def path(rest: Rest, *more: str) -> str:
    return "/".join(("/applications", rest.world.application.id, "commands", *more))


def option(**changes: Any) -> dict[str, Any]:
    return {"type": 3, "name": "prompt", "description": "What to paint", **changes}


def imagine(*options: Any, **changes: Any) -> dict[str, Any]:
    return {**IMAGINE, "options": list(options), **changes}


MISTAKES: list[tuple[dict[str, Any], tuple[str | int, ...], str]] = [
    ({**IMAGINE, "name": "Imagine"}, ("name",), "APPLICATION_COMMAND_INVALID_NAME"),
    ({**IMAGINE, "name": "paint it"}, ("name",), "APPLICATION_COMMAND_INVALID_NAME"),
    ({**IMAGINE, "name": "n" * 33}, ("name",), WRONG_LENGTH),
    ({**IMAGINE, "name": None}, ("name",), "BASE_TYPE_REQUIRED"),
    ({**IMAGINE, "description": None}, ("description",), "BASE_TYPE_REQUIRED"),
    ({**IMAGINE, "description": "d" * 101}, ("description",), WRONG_LENGTH),
    ({**IMAGINE, "type": 9}, ("type",), "BASE_TYPE_CHOICES"),
    (
        {"name": "Edit", "type": 3, "description": "x"},
        ("description",),
        "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_INVALID",
    ),
    ({**IMAGINE, "contexts": [3]}, ("contexts", 0), "BASE_TYPE_CHOICES"),
    ({**IMAGINE, "description_localizations": {"de": ""}}, ("description_localizations", "de"), WRONG_LENGTH),
    (imagine(*(option(name=f"o{n}") for n in range(26))), ("options",), "BASE_TYPE_MAX_LENGTH"),
    (imagine(option(), option()), ("options", 1, "name"), "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS"),
    (imagine(option(name="Prompt")), ("options", 0, "name"), "APPLICATION_COMMAND_INVALID_NAME"),
    (imagine(option(description="")), ("options", 0, "description"), WRONG_LENGTH),
    (imagine(option(type=12)), ("options", 0, "type"), "BASE_TYPE_CHOICES"),
    (
        imagine(option(), option(name="model", required=True)),
        ("options", 1),
        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
    ),
    (
        imagine(option(choices=[{"name": str(n), "value": str(n)} for n in range(26)])),
        ("options", 0, "choices"),
        "BASE_TYPE_MAX_LENGTH",
    ),
    (
        imagine(option(choices=[{"name": "n" * 101, "value": "v"}])),
        ("options", 0, "choices", 0, "name"),
        WRONG_LENGTH,
    ),
    (
        imagine(option(type=4, choices=[{"name": "n", "value": "many"}])),
        ("options", 0, "choices", 0, "value"),
        "NUMBER_TYPE_COERCE",
    ),
    (
        imagine(option(type=10, choices=[{"name": "n", "value": "1.5"}])),
        ("options", 0, "choices", 0, "value"),
        "NUMBER_TYPE_COERCE",
    ),
    (
        imagine(option(choices=[{"name": "n", "value": "v"}], autocomplete=True)),
        ("options", 0, "autocomplete"),
        "APPLICATION_COMMAND_AUTOCOMPLETE_INVALID",
    ),
    (
        imagine(option(type=11, autocomplete=True)),
        ("options", 0, "autocomplete"),
        "APPLICATION_COMMAND_OPTION_TYPE_INVALID",
    ),
    (
        imagine(option(type=1, options=[option(type=2, name="deeper")])),
        ("options", 0, "options", 0, "type"),
        "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
    ),
    (
        imagine(*(option(name=f"o{n}", description="d" * 100, choices=MANY_CHOICES) for n in range(4))),
        (),
        "APPLICATION_COMMAND_TOO_LARGE",
    ),
]


@pytest.mark.parametrize(("definition", "where", "code"), MISTAKES)
async def test_a_wrong_command_is_refused_in_a_list_and_alone(
    rest: Rest, definition: dict[str, Any], where: tuple[str | int, ...], code: str
) -> None:
    listed = await rest.call("PUT", path(rest), [{"name": "fine", "description": "x"}, definition])
    assert listed.mistakes(1, *where) == [code]
    assert (await rest.call("POST", path(rest), definition)).mistakes(*where) == [code]
    assert (await rest.call("GET", path(rest))).body == []


async def test_two_commands_of_one_name_are_refused(rest: Rest) -> None:
    answer = await rest.call("PUT", path(rest), [IMAGINE, IMAGINE])
    assert answer.mistakes(1, "name") == ["APPLICATION_COMMANDS_DUPLICATE_NAME"]
    assert (await rest.call("PUT", path(rest), [IMAGINE, {"name": "imagine", "type": 3}])).status == 200


async def test_a_list_is_needed_to_replace_all(rest: Rest) -> None:
    assert (await rest.call("PUT", path(rest), {"name": "imagine"})).refusal == (400, 50035)


async def test_over_a_hundred_commands_are_refused(rest: Rest) -> None:
    commands = [{"name": f"c{number}", "description": "x"} for number in range(101)]
    assert (await rest.call("PUT", path(rest), commands)).refusal == (400, 30032)
    assert (await rest.call("PUT", path(rest), commands[:100])).status == 200
    assert (await rest.call("POST", path(rest), commands[100])).refusal == (400, 30032)
    assert (await rest.call("POST", path(rest), commands[0])).status == 200


async def test_over_fifteen_context_menus_are_refused(rest: Rest) -> None:
    menus = [{"name": f"Menu {number}", "type": 3} for number in range(16)]
    assert (await rest.call("PUT", path(rest), menus)).refusal == (400, 30032)
    assert (await rest.call("PUT", path(rest), menus[:15])).status == 200


async def test_another_applications_commands_are_out_of_reach(rest: Rest) -> None:
    assert (await rest.call("GET", "/applications/1/commands")).refusal == (404, 10002)


async def test_a_command_that_is_not_there_is_unknown(rest: Rest) -> None:
    for method in ("GET", "PATCH", "DELETE"):
        assert (await rest.call(method, path(rest, "1"), {"description": "x"})).refusal == (404, 10063)


async def test_commands_of_a_server_need_the_bot_in_it(rest: Rest) -> None:
    elsewhere = rest.world.add_guild("Elsewhere", with_bot=False)
    route = f"/applications/{rest.world.application.id}/guilds/{{}}/commands"
    assert (await rest.call("PUT", route.format(elsewhere.id), [IMAGINE])).refusal == (403, 50001)
    assert (await rest.call("PUT", route.format("1"), [IMAGINE])).refusal == (404, 10004)


async def test_commands_come_back_with_ids_and_defaults(rest: Rest) -> None:
    definition = imagine(
        option(required=True, choices=[{"name": "Cat", "value": "cat"}], min_length=None),
        option(type=11, name="image1"),
        option(type=4, name="count", choices=[{"name": "One", "value": 1}]),
        option(name="ratio", autocomplete=True),
        contexts=None,
        default_member_permissions=8,
    )
    (command,) = (await rest.call("PUT", path(rest), [definition])).body
    assert command["application_id"] == rest.world.application.id
    assert (command["contexts"], command["integration_types"], command["nsfw"]) == (None, [0], False)
    assert command["default_member_permissions"] == "8"
    assert "min_length" not in command["options"][0]
    assert (await rest.call("GET", path(rest, command["id"]))).body == command


async def test_replacing_keeps_the_ids_and_the_versions_of_what_stays(rest: Rest) -> None:
    first = (await rest.call("PUT", path(rest), [IMAGINE, {"name": "edit", "description": "x"}])).body
    second = (await rest.call("PUT", path(rest), [IMAGINE, {"name": "usage", "description": "x"}])).body
    assert second[0] == first[0]
    third = (await rest.call("PUT", path(rest), [{**IMAGINE, "description": "Paint!"}])).body
    assert third[0]["id"] == first[0]["id"]
    assert third[0]["version"] != first[0]["version"]
    assert len((await rest.call("GET", path(rest))).body) == 1


async def test_a_command_is_created_edited_and_deleted_by_itself(rest: Rest) -> None:
    created = await rest.call("POST", path(rest), IMAGINE)
    again = await rest.call("POST", path(rest), {**IMAGINE, "description": "Paint!"})
    assert (created.status, again.status) == (201, 200)
    assert again.body["id"] == created.body["id"]
    edited = await rest.call("PATCH", path(rest, created.body["id"]), {"description": "Draw"})
    assert (edited.body["name"], edited.body["description"]) == ("imagine", "Draw")
    assert (await rest.call("DELETE", path(rest, created.body["id"]))).status == 204
    assert (await rest.call("GET", path(rest))).body == []


async def test_a_servers_command_is_found_before_the_global_one(rest: Rest) -> None:
    (everywhere,) = (await rest.call("PUT", path(rest), [IMAGINE])).body
    route = f"/applications/{rest.world.application.id}/guilds/{rest.guild.id}/commands"
    (here,) = (await rest.call("PUT", route, [IMAGINE])).body
    assert here["guild_id"] == rest.guild.id
    found = rest.world.command(rest.guild, "imagine"), rest.world.command(None, "imagine")
    assert [command.id for command in found if command] == [here["id"], everywhere["id"]]
    assert rest.world.command(rest.guild, "imagine", 3) is None
