"""The first answer to an interaction: within three seconds, once, and of a kind that fits.

Source: Discord's API documentation, "Receiving and Responding"; the refusal of a kind that does not fit as observed.
"""

from aiohttp import web

from bot.sandbox.discord import refusals
from bot.sandbox.discord.answers import json_answer, no_content
from bot.sandbox.discord.command_rules import check_choices
from bot.sandbox.discord.component_rules import check_layout, check_modal
from bot.sandbox.discord.components import complete
from bot.sandbox.discord.conversation import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    EPHEMERAL,
    MODAL_SUBMIT,
    PING,
    Interaction,
    Message,
)
from bot.sandbox.discord.entities import Json
from bot.sandbox.discord.forms import Form, is_object
from bot.sandbox.discord.message_payloads import message_payload
from bot.sandbox.discord.posting import Upload, compose, revise
from bot.sandbox.discord.refusals import FormErrors
from bot.sandbox.discord.responses import is_private, setting_of, upload_of
from bot.sandbox.discord.rest.requests import body_of, is_true
from bot.sandbox.discord.rules import check_message
from bot.sandbox.discord.world import Change, ChangeKind, World

ACKNOWLEDGE_WITHIN = 3.0  # seconds

PONG, MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 1, 4, 5, 6, 7, 8, 9

_FITTING = {
    PING: {PONG},
    COMMAND: {MESSAGE, DEFERRED_MESSAGE, MODAL},
    COMPONENT: {MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, MODAL},
    AUTOCOMPLETE: {CHOICES},
    MODAL_SUBMIT: {MESSAGE, DEFERRED_MESSAGE},
}


class Callbacks:
    """The route of interaction callbacks."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """The one."""
        return [web.post("/interactions/{interaction_id}/{interaction_token}/callback", self._callback)]

    async def _callback(self, request: web.Request) -> web.Response:
        interaction = self._open_interaction(request)
        form = Form(body_of(request), FormErrors())
        fitting = _FITTING[interaction.type]
        if interaction.type == MODAL_SUBMIT and interaction.message is not None:
            fitting = fitting | {DEFERRED_UPDATE, UPDATE}
        kind = form.one_of("type", fitting, required=True)
        form.errors.raise_if_any()
        self._take(kind, interaction, upload_of(request, interaction, form.fields.get("data"), ("data",)))
        if not is_true(request, "with_response"):
            return no_content()
        return json_answer(self._response(interaction, kind))

    def _open_interaction(self, request: web.Request) -> Interaction:
        interaction = self._world.interactions.get(request.match_info["interaction_id"])
        if interaction is None or interaction.token != request.match_info["interaction_token"]:
            raise refusals.unknown_interaction()
        if interaction.acknowledged is not None:
            raise refusals.already_acknowledged()
        if self._world.now() - interaction.created_at > ACKNOWLEDGE_WITHIN:
            raise refusals.unknown_interaction()
        return interaction

    def _response(self, interaction: Interaction, kind: int | None) -> Json:
        about: Json = {
            "id": interaction.id,
            "type": interaction.type,
            "channel_id": interaction.channel.id,
        }
        if interaction.guild is not None:
            about["guild_id"] = interaction.guild.id
        message = self._response_message(interaction)
        if message is None:
            return {"interaction": about}
        about |= {
            "response_message_id": message.id,
            "response_message_loading": interaction.loading,
            "response_message_ephemeral": message.ephemeral,
        }
        if kind not in (MESSAGE, UPDATE):
            return {"interaction": about}
        return {"interaction": about, "resource": {"type": kind, "message": message_payload(self._world, message)}}

    def _response_message(self, interaction: Interaction) -> Message | None:
        if interaction.response_message_id is None:
            return None
        return self._world.message(interaction.channel.id, interaction.response_message_id)

    def _take(self, kind: int | None, interaction: Interaction, upload: Upload) -> None:
        if kind == MESSAGE:
            self._message(interaction, upload)
        elif kind == DEFERRED_MESSAGE:
            self._deferred_message(interaction, upload)
        elif kind == DEFERRED_UPDATE:
            self._acknowledge(interaction, DEFERRED_UPDATE, interaction.message)
        elif kind == UPDATE:
            self._update(interaction, upload)
        elif kind == CHOICES:
            self._choices(interaction, upload)
        elif kind == MODAL:
            self._modal(interaction, upload)
        else:
            self._acknowledge(interaction, PONG)

    def _message(self, interaction: Interaction, upload: Upload) -> None:
        private = is_private(interaction, upload.fields.get("flags") if is_object(upload.fields) else None)
        message = compose(self._world, upload, setting_of(interaction, private=private))
        self._acknowledge(interaction, MESSAGE, message)
        self._world.post(message)

    def _deferred_message(self, interaction: Interaction, upload: Upload) -> None:
        form = Form({} if upload.fields is None else upload.fields, FormErrors(), upload.path)
        check_message(form)  # nothing of it is shown, and yet Discord reads it all
        private = is_private(interaction, form.fields.get("flags"))
        setting = setting_of(interaction, private=private)
        message = Message(
            id=self._world.snowflake(),
            channel=interaction.channel,
            author=self._world.application.bot,
            created_at=self._world.now(),
            type=setting.type,
            flags=EPHEMERAL if private else 0,
            interaction=interaction,
            visible_to=setting.visible_to,
        )
        interaction.loading = True
        self._acknowledge(interaction, DEFERRED_MESSAGE, message)
        self._world.post(message)

    def _update(self, interaction: Interaction, upload: Upload) -> None:
        message = interaction.message
        if message is None or self._world.message(message.channel.id, message.id) is None:
            raise refusals.unknown_message()
        revise(self._world, message, upload)
        self._acknowledge(interaction, UPDATE, message)
        self._world.edited(message)

    def _choices(self, interaction: Interaction, upload: Upload) -> None:
        form = Form(upload.fields, FormErrors(), upload.path)
        choices = form.forms("choices", longest=25, required=True)
        check_choices(choices, _focused_type(interaction.data.get("options") or []))
        form.errors.raise_if_any()
        interaction.choices = [choice.fields for choice in choices]
        self._acknowledge(interaction, CHOICES)
        self._report("choices_given", interaction)

    def _modal(self, interaction: Interaction, upload: Upload) -> None:
        form = Form(upload.fields, FormErrors(), upload.path)
        check_modal(form)
        form.errors.raise_if_any()
        check_layout(form.fields["components"], form.errors, (*upload.path, "components"), v2=False)
        form.errors.raise_if_any()
        interaction.modal = {**form.fields, "components": complete(form.fields["components"])}
        self._acknowledge(interaction, MODAL)
        self._report("modal_opened", interaction)

    def _acknowledge(self, interaction: Interaction, kind: int, message: Message | None = None) -> None:
        interaction.acknowledged = kind
        interaction.response_message_id = message.id if message else None
        self._report("acknowledged", interaction)

    def _report(self, kind: ChangeKind, interaction: Interaction) -> None:
        self._world.report(
            Change(kind=kind, channel=interaction.channel, visible_to=interaction.user, interaction=interaction)
        )


def _focused_type(options: list[Json]) -> int | None:
    """The type of the option that is being typed, in subcommands too."""
    for option in options:
        if option.get("focused"):
            return int(option["type"])
        if nested := _focused_type(option.get("options") or []):
            return nested
    return None
