from typing import Any

import pytest

from bot.sandbox.discord.conversation import Interaction
from bot.sandbox.discord.people import InteractionHandle, NotPossible, Person, SeenMessage, Upload
from tests.bot.sandbox.discord.kinds import DEFER_UPDATE, MESSAGE, MODAL, UPDATE
from tests.bot.sandbox.discord.rest_client import Rest

ROW: dict[str, Any] = {
    "type": 1,
    "components": [
        {"type": 2, "style": 1, "label": "Again", "custom_id": "again:1"},
        {"type": 2, "style": 2, "label": "Later", "custom_id": "later", "disabled": True},
        {"type": 2, "style": 5, "label": "Help", "url": "https://example.com"},
    ],
}
STYLE: dict[str, Any] = {
    "type": 3,
    "custom_id": "style",
    "placeholder": "Style",
    "max_values": 2,
    "options": [{"label": "Ink", "value": "i"}, {"label": "Chalk", "value": "c"}, {"label": "Oil", "value": "o"}],
}
WHO: dict[str, Any] = {"type": 5, "custom_id": "who", "placeholder": "Who", "min_values": 0}


@pytest.fixture
def ann(rest: Rest) -> Person:
    return Person(rest.world, rest.person, rest.channel, record=rest.server.record)


async def posted(rest: Rest, ann: Person, *components: dict[str, Any], **more: Any) -> SeenMessage:
    answer = await rest.say({"content": "a picture", "components": list(components), **more})
    assert answer.status == 200, answer.body
    return ann.sees()[-1]


def sent(rest: Rest) -> dict[str, Any]:
    return [data for event, data in rest.events if event == "INTERACTION_CREATE"][-1]


def minted(rest: Rest, use: InteractionHandle) -> Interaction:
    return rest.world.interactions[use.id]


# Buttons


@pytest.mark.parametrize(("button", "why"), [("Later", "disabled"), ("Help", "a link"), ("Delete", "no button Delete")])
async def test_a_button_that_cannot_be_pressed_is_not(rest: Rest, ann: Person, button: str, why: str) -> None:
    message = await posted(rest, ann, ROW)
    with pytest.raises(NotPossible, match=why):
        await ann.press(message, button)
    assert rest.world.interactions == {}


async def test_a_button_that_has_gone_meanwhile_cannot_be_pressed(rest: Rest, ann: Person) -> None:
    message = await posted(rest, ann, ROW)
    path = f"/channels/{rest.channel.id}/messages/{message.id}"
    await rest.call("PATCH", path, {"components": []})
    with pytest.raises(NotPossible, match="no button"):
        await ann.press(message, "Again")
    await rest.call("DELETE", path)
    with pytest.raises(NotPossible, match="not there"):
        await ann.press(message, "Again")


async def test_somebody_elses_ephemeral_message_cannot_be_pressed(rest: Rest, ann: Person) -> None:
    bob = rest.world.add_user("bob")
    rest.guild.join(bob)
    used = rest.interaction()
    await rest.answer(used, MESSAGE, {"content": "for ann", "flags": 64, "components": [ROW]})
    [message] = ann.sees()
    with pytest.raises(NotPossible, match="not there"):
        await Person(rest.world, bob, rest.channel).press(message, "Again")
    await ann.press(message, "Again")


@pytest.mark.parametrize("name", ["Again", "again:1"])
async def test_a_press_carries_the_button_and_the_whole_message(rest: Rest, ann: Person, name: str) -> None:
    message = await posted(rest, ann, ROW)
    await ann.press(message, name)
    told = sent(rest)
    assert told["type"] == 3
    assert told["data"] == {"custom_id": "again:1", "component_type": 2, "id": 2}
    assert told["message"]["content"] == "a picture"
    assert told["message"]["components"][0]["components"][0]["custom_id"] == "again:1"


async def test_a_press_does_not_carry_what_its_message_answers(rest: Rest, ann: Person) -> None:
    asked = await ann.says("a lighthouse")
    await posted(rest, ann, ROW, message_reference={"message_id": asked.id})
    await ann.press(ann.sees()[-1], "Again")
    told = sent(rest)["message"]
    assert told["message_reference"]["message_id"] == asked.id
    assert "referenced_message" not in told


async def test_a_press_comes_through_the_installation_that_brought_the_message(rest: Rest) -> None:
    bob = rest.world.add_user("bob")
    elsewhere = rest.world.add_guild("Elsewhere", with_bot=False)
    elsewhere.join(rest.person)
    elsewhere.join(bob)
    channel = elsewhere.add_channel("general")
    used = rest.interaction(channel=channel)
    used.owners = {"1": rest.person.id}
    await rest.answer(used, MESSAGE, {"content": "a picture", "components": [ROW]})
    stranger = Person(rest.world, bob, channel)
    await stranger.press(stranger.sees()[-1], "Again")
    assert sent(rest)["authorizing_integration_owners"] == {"1": rest.person.id}
    assert sent(rest)["member"]["user"]["id"] == bob.id


async def test_an_updated_message_is_the_answer_to_the_press(rest: Rest, ann: Person) -> None:
    use = await ann.press(await posted(rest, ann, ROW), "Again")
    await rest.answer(minted(rest, use), UPDATE, {"content": "another"})
    assert (await use.answer()).content == "another"


async def test_a_deferred_update_is_no_answer_before_the_message_changes(rest: Rest, ann: Person) -> None:
    use = await ann.press(await posted(rest, ann, ROW), "Again")
    await rest.answer(minted(rest, use), DEFER_UPDATE)
    assert use.acknowledged
    assert use._answer() is None
    await rest.original("PATCH", minted(rest, use), {"content": "another"})
    assert (await use.answer()).content == "another"


async def test_buttons_of_components_v2_are_found_too(rest: Rest, ann: Person) -> None:
    container = {"type": 17, "components": [{"type": 10, "content": "Hello"}, ROW]}
    answer = await rest.say({"flags": 1 << 15, "components": [container]})
    assert answer.status == 200, answer.body
    [message] = ann.sees()
    assert message.text == "Hello"
    await ann.press(message, "Again")
    assert sent(rest)["data"]["custom_id"] == "again:1"


# Menus


@pytest.mark.parametrize("choices", [("Ink", "Chalk", "Oil"), ("Water",), ()])
async def test_choices_that_a_menu_does_not_take_are_not_sent(
    rest: Rest, ann: Person, choices: tuple[str, ...]
) -> None:
    message = await posted(rest, ann, {"type": 1, "components": [STYLE]})
    with pytest.raises(NotPossible):
        await ann.select(message, "Style", *choices)


async def test_a_disabled_or_missing_menu_cannot_be_used(rest: Rest, ann: Person) -> None:
    message = await posted(rest, ann, {"type": 1, "components": [{**STYLE, "disabled": True}]})
    for menu in ("Style", "Size"):
        with pytest.raises(NotPossible, match="no menu"):
            await ann.select(message, menu, "Ink")


async def test_a_menu_sends_the_values_behind_its_labels(rest: Rest, ann: Person) -> None:
    message = await posted(rest, ann, {"type": 1, "components": [STYLE]})
    await ann.select(message, "Style", "Ink", "o")
    assert sent(rest)["data"]["values"] == ["i", "o"]
    assert sent(rest)["data"]["component_type"] == 3


async def test_a_menu_of_people_resolves_them_and_may_be_emptied(rest: Rest, ann: Person) -> None:
    message = await posted(rest, ann, {"type": 1, "components": [WHO]})
    await ann.select(message, "who", rest.person)
    assert sent(rest)["data"]["values"] == [rest.person.id]
    assert sent(rest)["data"]["resolved"]["users"].keys() == {rest.person.id}
    await ann.select(message, "who")
    assert sent(rest)["data"]["values"] == []
    with pytest.raises(NotPossible, match="does not take"):
        await ann.select(message, "who", rest.guild.everyone)


# Modals


def label(text: str, component: dict[str, Any]) -> dict[str, Any]:
    return {"type": 18, "label": text, "component": component}


SIZES = [{"label": "Big", "value": "b"}, {"label": "Small", "value": "s"}]
EVERYTHING: dict[str, Any] = {
    "custom_id": "form",
    "title": "Options",
    "components": [
        label("Words", {"type": 4, "custom_id": "words", "style": 1, "min_length": 2, "max_length": 5, "value": "old"}),
        label("Style", {**STYLE, "required": False}),
        label("Photo", {"type": 19, "custom_id": "photo", "max_values": 2, "required": False}),
        label("Size", {"type": 21, "custom_id": "size", "options": SIZES}),
        label("Loud", {"type": 23, "custom_id": "loud"}),
    ],
}  # fmt: skip


async def opened(rest: Rest, ann: Person, modal: dict[str, Any]) -> InteractionHandle:
    use = await ann.press(await posted(rest, ann, ROW), "Again")
    answer = await rest.answer(minted(rest, use), MODAL, modal)
    assert answer.status == 200, answer.body
    return use


async def test_without_a_modal_there_is_nothing_to_fill_in(rest: Rest, ann: Person) -> None:
    use = await ann.press(await posted(rest, ann, ROW), "Again")
    with pytest.raises(NotPossible, match="No modal"):
        await ann.submits(use, {})


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({"Size": "Big", "Words": "x"}, "2 to 5 characters"),
        ({"Size": "Big", "Words": "longer"}, "2 to 5 characters"),
        ({"Size": "Big", "Words": ""}, "2 to 5 characters"),
        ({"Size": "Big", "Words": 5}, "takes text"),
        ({"Size": "Big", "Style": "Water"}, "choose out of: Ink, Chalk, Oil"),
        ({"Size": "Big", "Style": ["Ink", "Chalk", "Oil"]}, "1 to 2 choices"),
        ({"Size": "Big", "Photo": [b"1", b"2", b"3"]}, "1 to 2 choices"),
        ({}, "one choice"),
        ({"Size": ["Big", "Small"]}, "one choice"),
        ({"Size": "Big", "Loud": "yes"}, "True or False"),
        ({"Size": "Big", "Photo": "a.png"}, "takes files"),
        ({"Size": "Big", "Colour": "red"}, "no field Colour"),
    ],
)
async def test_answers_the_client_refuses_are_not_sent(
    rest: Rest, ann: Person, answers: dict[str, Any], why: str
) -> None:
    use = await opened(rest, ann, EVERYTHING)
    with pytest.raises(NotPossible, match=why):
        await ann.submits(use, answers)
    assert sent(rest)["type"] == 3


async def test_a_modal_keeps_what_the_bot_filled_in_and_sends_the_rest_empty(rest: Rest, ann: Person) -> None:
    use = await opened(rest, ann, EVERYTHING)
    await ann.submits(use, {"Size": "Small"})
    told = sent(rest)
    assert (told["type"], told["data"]["custom_id"]) == (5, "form")
    assert {key: value for each in told["data"]["components"] for key, value in given(each).items()} == {
        "words": "old",
        "style": [],
        "photo": [],
        "size": "s",
        "loud": False,
    }
    assert "resolved" not in told["data"]
    assert told["message"]["content"] == "a picture", "it was opened from a message"


def given(outer: dict[str, Any]) -> dict[str, Any]:
    inner = outer["component"]
    return {inner["custom_id"]: inner.get("value", inner.get("values"))}


async def test_a_modal_sends_labels_around_answers_and_resolves_files(rest: Rest, ann: Person) -> None:
    use = await opened(rest, ann, EVERYTHING)
    answers = {"words": "new", "Style": ["Ink", "Oil"], "Photo": Upload("a.png", b"A"), "size": "Big", "Loud": True}
    submitted = await ann.submits(use, answers)
    words, style, photo, size, loud = sent(rest)["data"]["components"]
    assert words == {"type": 18, "id": 1, "component": {"type": 4, "id": 2, "custom_id": "words", "value": "new"}}
    assert style["component"]["values"] == ["i", "o"]
    [file_id] = photo["component"]["values"]
    assert sent(rest)["data"]["resolved"]["attachments"][file_id]["filename"] == "a.png"
    assert (size["component"]["value"], loud["component"]["value"]) == ("b", True)
    await rest.answer(minted(rest, submitted), MESSAGE, {"content": "thanks", "flags": 64})
    assert (await submitted.answer()).content == "thanks"


async def test_a_modal_of_the_old_kind_sends_rows(rest: Rest, ann: Person) -> None:
    field = {"type": 4, "custom_id": "words", "style": 1, "label": "Words", "required": False}
    use = await opened(
        rest, ann, {"custom_id": "form", "title": "Old", "components": [{"type": 1, "components": [field]}]}
    )
    await ann.submits(use, {"Words": ""})
    [row] = sent(rest)["data"]["components"]
    assert row["type"] == 1
    assert [(each["custom_id"], each["value"]) for each in row["components"]] == [("words", "")]


async def test_a_group_of_checkboxes_sends_those_that_are_ticked(rest: Rest, ann: Person) -> None:
    options = [{"label": "A", "value": "a", "default": True}, {"label": "B", "value": "b"}]
    group = {"type": 22, "custom_id": "group", "options": options, "required": False}
    text = {"type": 10, "content": "Read me"}
    modal = {"custom_id": "form", "title": "Ticks", "components": [text, label("Group", group)]}
    use = await opened(rest, ann, modal)
    await ann.submits(use, {"Group": ["A", "B"]})
    shown, ticked = sent(rest)["data"]["components"]
    assert shown == {"type": 10, "id": 1}
    assert ticked["component"]["values"] == ["a", "b"]
    await ann.submits(use, {})
    assert sent(rest)["data"]["components"][1]["component"]["values"] == ["a"]


async def test_a_modal_shows_what_it_says_and_what_is_filled_in_or_chosen(rest: Rest, ann: Person) -> None:
    chosen = [{"label": "Big", "value": "b", "default": True}, {"label": "Small", "value": "s"}]
    sizes = {**label("Size", {"type": 3, "custom_id": "size", "options": chosen}), "description": "Big costs more"}
    words, photo = EVERYTHING["components"][0], EVERYTHING["components"][2]
    text = {"type": 10, "content": "Read me"}
    use = await opened(rest, ann, {"custom_id": "f", "title": "Options", "components": [text, words, sizes, photo]})
    modal = use.modal
    assert modal is not None
    assert str(modal) == "“Options” | Read me | Words: old | Size: Big | Photo: …"
    assert [field.description for field in modal.fields] == [None, "Big costs more", None]
    assert modal.fields[1].choices == ("Big", "Small")
    assert [field.prefilled for field in modal.fields] == [("old",), ("Big",), ()]
