"""The application's commands, global ones and those of a server."""

from aiohttp import web

from bot.sandbox.discord import refusals
from bot.sandbox.discord.answers import json_answer, no_content
from bot.sandbox.discord.command_rules import check_command, check_commands, check_count
from bot.sandbox.discord.conversation import SLASH_COMMAND, Command
from bot.sandbox.discord.entities import Json
from bot.sandbox.discord.forms import Form
from bot.sandbox.discord.payloads import command_payload
from bot.sandbox.discord.refusals import FormErrors
from bot.sandbox.discord.rest.requests import body_of, guild_of, id_of
from bot.sandbox.discord.world import World
from bot.sandbox.faults import received

_KNOWN = frozenset(
    {
        *("type", "name", "name_localizations", "description", "description_localizations", "options"),
        *("default_member_permissions", "dm_permission", "contexts", "integration_types", "nsfw"),
    }
)
_KNOWN_IN_OPTIONS = frozenset(
    {
        *("type", "name", "name_localizations", "description", "description_localizations", "options", "required"),
        *("choices", "autocomplete", "channel_types", "min_value", "max_value", "min_length", "max_length"),
    }
)
_DEFAULTS: Json = {
    "default_member_permissions": None,
    "dm_permission": True,
    "contexts": None,
    "integration_types": [0],
    "nsfw": False,
}


class Commands:
    """The routes of commands."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        found: list[web.RouteDef] = []
        for scope in ("/applications/{application_id}", "/applications/{application_id}/guilds/{guild_id}"):
            found += [
                web.get(f"{scope}/commands", self._list),
                web.put(f"{scope}/commands", self._replace),
                web.post(f"{scope}/commands", self._create),
                web.get(f"{scope}/commands/{{command_id}}", self._get),
                web.patch(f"{scope}/commands/{{command_id}}", self._edit),
                web.delete(f"{scope}/commands/{{command_id}}", self._delete),
            ]
        return found

    async def _list(self, request: web.Request) -> web.Response:
        return json_answer([command_payload(self._world, each) for each in self._scope(request).values()])

    async def _get(self, request: web.Request) -> web.Response:
        return json_answer(command_payload(self._world, self._command(request)))

    async def _replace(self, request: web.Request) -> web.Response:
        scope, guild_id = self._scope(request), self._guild_id(request)
        body = received(request).body
        definitions = check_commands([] if body is None else body)
        known = {(command.name, command.type): command for command in scope.values()}
        replaced: dict[str, Command] = {}
        for definition in definitions:
            key = (definition["name"], int(definition.get("type") or SLASH_COMMAND))
            command = self._stored(definition, guild_id, known.get(key))
            replaced[command.id] = command
        scope.clear()
        scope.update(replaced)
        return json_answer([command_payload(self._world, command) for command in scope.values()])

    async def _create(self, request: web.Request) -> web.Response:
        scope = self._scope(request)
        definition = check_command(body_of(request))
        key = (definition["name"], int(definition.get("type") or SLASH_COMMAND))
        same = next((command for command in scope.values() if (command.name, command.type) == key), None)
        if same is None:
            check_count([*(command.definition for command in scope.values()), definition])
        command = self._stored(definition, self._guild_id(request), same)
        scope[command.id] = command
        return json_answer(command_payload(self._world, command), status=201 if same is None else 200)

    async def _edit(self, request: web.Request) -> web.Response:
        command = self._command(request)
        changes = Form(body_of(request), FormErrors())
        changes.errors.raise_if_any()
        definition = check_command({**command.definition, **changes.fields, "type": command.type})
        edited = self._stored(definition, command.guild_id, command)
        self._scope(request)[command.id] = edited
        return json_answer(command_payload(self._world, edited))

    async def _delete(self, request: web.Request) -> web.Response:
        del self._scope(request)[self._command(request).id]
        return no_content()

    def _guild_id(self, request: web.Request) -> str | None:
        return guild_of(self._world, request).id if "guild_id" in request.match_info else None

    def _scope(self, request: web.Request) -> dict[str, Command]:
        if request.match_info["application_id"] != self._world.application.id:
            raise refusals.unknown_application()
        return self._world.commands.setdefault(self._guild_id(request), {})

    def _command(self, request: web.Request) -> Command:
        command = self._scope(request).get(id_of(request, "command_id"))
        if command is None:
            raise refusals.unknown_command()
        return command

    def _stored(self, definition: Json, guild_id: str | None, known: Command | None) -> Command:
        """The command as it is kept: with defaults, and under the id it had; the version moves only with a change."""
        given = _known(definition, _KNOWN)
        complete = {**_DEFAULTS, "description": "", **given, "type": int(given.get("type") or SLASH_COMMAND)}
        if complete["default_member_permissions"] is not None:
            complete["default_member_permissions"] = str(complete["default_member_permissions"])
        if known is not None and known.definition == complete:
            return known
        command_id = known.id if known else self._world.snowflake()
        return Command(id=command_id, version=self._world.snowflake(), guild_id=guild_id, definition=complete)


def _known(definition: Json, keys: frozenset[str]) -> Json:
    """The fields that Discord knows, nulls left out."""
    given = {key: value for key, value in definition.items() if key in keys and value is not None}
    if "options" in given:
        given["options"] = [_known(option, _KNOWN_IN_OPTIONS) for option in given["options"]]
    return given
