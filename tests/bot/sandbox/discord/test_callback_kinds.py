"""First answers of the kinds that are for buttons, for suggestions and for modals alone."""

from typing import Any

import pytest

from bot.sandbox.discord.conversation import AUTOCOMPLETE, COMPONENT, MODAL_SUBMIT
from bot.sandbox.discord.world import Change
from tests.bot.sandbox.discord.kinds import CHOICES, DEFER_UPDATE, MODAL, UPDATE
from tests.bot.sandbox.discord.rest_client import Rest

TEXT_FIELD: dict[str, Any] = {
    "type": 18,
    "label": "Prompt",
    "component": {"type": 4, "style": 2, "custom_id": "prompt", "label": None, "required": True},
}


async def test_a_button_may_change_its_message(rest: Rest) -> None:
    message = rest.heard(rest.world.application.bot, "one")
    interaction = rest.interaction(COMPONENT, message=message)
    answer = await rest.answer(interaction, UPDATE, {"content": "two", "components": []})
    assert answer.body["resource"]["message"]["content"] == "two"
    assert answer.body["interaction"]["response_message_id"] == message.id
    assert rest.events[-1][0] == "MESSAGE_UPDATE"


async def test_the_message_of_a_button_may_be_gone(rest: Rest) -> None:
    message = rest.heard(rest.world.application.bot, "one")
    interaction = rest.interaction(COMPONENT, message=message)
    rest.world.delete(message)
    assert (await rest.answer(interaction, UPDATE, {"content": "two"})).refusal == (404, 10008)


async def test_a_deferred_update_leaves_the_message_as_it_is(rest: Rest) -> None:
    message = rest.heard(rest.world.application.bot, "one")
    interaction = rest.interaction(COMPONENT, message=message)
    answer = await rest.answer(interaction, DEFER_UPDATE)
    assert answer.body["interaction"]["response_message_id"] == message.id
    assert (message.content, message.edited_at) == ("one", None)


async def test_suggestions_are_given_to_whom_they_are_for(rest: Rest) -> None:
    data = {"options": [{"name": "ratio", "type": 3, "value": "1", "focused": True}]}
    interaction = rest.interaction(AUTOCOMPLETE, data=data)
    seen = list[Change]()
    rest.world.subscribe(seen.append)
    answer = await rest.answer(interaction, CHOICES, {"choices": [{"name": "wide", "value": "16:9"}]})
    assert answer.body == {
        "interaction": {
            "id": interaction.id,
            "type": 4,
            "channel_id": rest.channel.id,
            "guild_id": rest.guild.id,
        }
    }
    assert interaction.choices == [{"name": "wide", "value": "16:9"}]
    assert [(change.kind, change.visible_to) for change in seen] == [
        ("acknowledged", rest.person),
        ("choices_given", rest.person),
    ]


@pytest.mark.parametrize(
    ("choice", "path", "code"),
    [
        ({"name": "", "value": "a"}, ("name",), "BASE_TYPE_BAD_LENGTH"),
        ({"name": "n" * 101, "value": "a"}, ("name",), "BASE_TYPE_BAD_LENGTH"),
        ({"name": "n", "value": "v" * 101}, ("value",), "BASE_TYPE_MAX_LENGTH"),
        ({"name": "n", "value": 1}, ("value",), "STRING_TYPE_CONVERT"),
    ],
)
async def test_wrong_suggestions_are_refused(rest: Rest, choice: Any, path: tuple[str], code: str) -> None:
    data = {"options": [{"name": "a", "type": 1, "options": [{"name": "r", "type": 3, "value": "", "focused": True}]}]}
    interaction = rest.interaction(AUTOCOMPLETE, data=data)
    answer = await rest.answer(interaction, CHOICES, {"choices": [choice]})
    assert answer.mistakes("data", "choices", 0, *path) == [code]


async def test_26_suggestions_are_refused(rest: Rest) -> None:
    data = {"options": [{"name": "ratio", "type": 3, "value": "1", "focused": True}]}
    choices = [{"name": str(number), "value": str(number)} for number in range(26)]
    answer = await rest.answer(rest.interaction(AUTOCOMPLETE, data=data), CHOICES, {"choices": choices})
    assert answer.mistakes("data", "choices") == ["BASE_TYPE_MAX_LENGTH"]


async def test_a_modal_opens_for_the_person(rest: Rest) -> None:
    interaction = rest.interaction()
    seen = list[Change]()
    rest.world.subscribe(seen.append)
    form = {"custom_id": "again", "title": "Again", "components": [TEXT_FIELD]}
    assert (await rest.answer(interaction, MODAL, form)).status == 200
    assert interaction.modal is not None
    (label,) = interaction.modal["components"]
    assert (label["id"], label["component"]["id"], "label" in label["component"]) == (1, 2, False)
    assert [change.kind for change in seen] == ["acknowledged", "modal_opened"]


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"title": "t" * 46}, ("title",), "BASE_TYPE_BAD_LENGTH"),
        ({"title": ""}, ("title",), "BASE_TYPE_BAD_LENGTH"),
        ({"custom_id": "c" * 101}, ("custom_id",), "BASE_TYPE_BAD_LENGTH"),
        ({"components": list[Any]()}, ("components",), "BASE_TYPE_BAD_LENGTH"),
        ({"components": [{"type": 10, "content": "x"}] * 6}, ("components",), "BASE_TYPE_BAD_LENGTH"),
        ({"components": [TEXT_FIELD, TEXT_FIELD]}, ("components",), "COMPONENT_CUSTOM_ID_DUPLICATED"),
        ({"components": [{**TEXT_FIELD, "label": "l" * 46}]}, ("components", 0, "label"), "BASE_TYPE_BAD_LENGTH"),
        (
            {"components": [{**TEXT_FIELD, "description": "d" * 101}]},
            ("components", 0, "description"),
            "BASE_TYPE_MAX_LENGTH",
        ),
        (
            {"components": [{**TEXT_FIELD, "component": {"type": 2, "style": 1, "label": "b", "custom_id": "b"}}]},
            ("components", 0, "component"),
            "UNION_TYPE_CHOICES",
        ),
        (
            {"components": [{**TEXT_FIELD, "component": {"type": 19, "custom_id": "f", "max_values": 11}}]},
            ("components", 0, "component", "max_values"),
            "NUMBER_TYPE_MAX",
        ),
        (
            {"components": [{**TEXT_FIELD, "component": {"type": 19, "custom_id": "f", "min_values": 2}}]},
            ("components", 0, "component", "min_values"),
            "SELECT_COMPONENT_MIN_VALUES",
        ),
        *(
            ({"components": [{**TEXT_FIELD, "component": component}]}, ("components", 0, "component", *path), code)
            for component, path, code in (
                ({"type": 19, "custom_id": "f", "min_values": 0}, ("min_values",), "NUMBER_TYPE_MIN"),
                ({"type": 19, "custom_id": "f", "min_values": 0, "required": True}, ("min_values",), "NUMBER_TYPE_MIN"),
                ({"type": 5, "custom_id": "u", "min_values": 0}, ("min_values",), "NUMBER_TYPE_MIN"),
                ({"type": 5, "custom_id": "u", "disabled": True}, ("disabled",), "COMPONENT_DISABLED_IN_MODAL"),
            )
        ),
        (
            {"components": [{"type": 1, "components": [{"type": 4, "style": 1, "custom_id": "t", "label": "l" * 46}]}]},
            ("components", 0, "components", 0, "label"),
            "BASE_TYPE_BAD_LENGTH",
        ),
        ({"components": [{"type": 17, "components": list[Any]()}]}, ("components", 0), "UNION_TYPE_CHOICES"),
    ],
)
async def test_a_wrong_modal_is_refused(rest: Rest, changes: Any, path: tuple[str | int, ...], code: str) -> None:
    interaction = rest.interaction()
    form = {"custom_id": "again", "title": "Again", "components": [TEXT_FIELD], **changes}
    answer = await rest.answer(interaction, MODAL, form)
    assert answer.mistakes("data", *path) == [code]
    assert interaction.modal is None


async def test_what_need_not_be_answered_may_be_left_empty(rest: Rest) -> None:
    fields = [
        {"type": 19, "custom_id": "f", "required": False, "min_values": 0, "max_values": 10},
        {"type": 5, "custom_id": "u", "required": False, "min_values": 0, "disabled": False},
    ]
    labels = [{"type": 18, "label": "l", "component": field} for field in fields]
    form = {"custom_id": "again", "title": "Again", "components": labels}
    assert (await rest.answer(rest.interaction(), MODAL, form)).status == 200


async def test_a_modal_of_a_button_may_change_the_buttons_message(rest: Rest) -> None:
    message = rest.heard(rest.world.application.bot, "one")
    answer = await rest.answer(rest.interaction(MODAL_SUBMIT, message=message), UPDATE, {"content": "two"})
    assert answer.body["resource"]["message"]["content"] == "two"
