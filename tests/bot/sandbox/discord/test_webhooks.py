"""The original response of an interaction and its follow-ups."""

import pytest

from bot.sandbox.discord.conversation import COMPONENT, EPHEMERAL, Interaction
from tests.bot.sandbox.discord.kinds import DEFER, DEFER_UPDATE, MESSAGE, MODAL
from tests.bot.sandbox.discord.rest_client import Rest


async def deferred(rest: Rest, *, private: bool = False) -> Interaction:
    interaction = rest.interaction()
    await rest.answer(interaction, DEFER, {"flags": EPHEMERAL} if private else None)
    return interaction


async def test_before_the_first_answer_the_token_leads_nowhere(rest: Rest) -> None:
    interaction = rest.interaction()
    for method in ("GET", "PATCH", "DELETE"):
        assert (await rest.original(method, interaction, {"content": "hi"})).refusal == (404, 10015)
    assert (await rest.follow_up(interaction, {"content": "hi"})).refusal == (404, 10015)


async def test_after_fifteen_minutes_the_token_is_invalid(rest: Rest) -> None:
    interaction = await deferred(rest)
    rest.clock.advance(15 * 60 + 1)
    assert (await rest.original("PATCH", interaction, {"content": "hi"})).refusal == (401, 50027)
    assert (await rest.follow_up(interaction, {"content": "hi"})).refusal == (401, 50027)


async def test_within_fifteen_minutes_the_token_is_good(rest: Rest) -> None:
    interaction = await deferred(rest)
    rest.clock.advance(15 * 60 - 1)
    assert (await rest.original("PATCH", interaction, {"content": "hi"})).status == 200


async def test_a_forged_token_is_invalid_and_another_applications_id_unknown(rest: Rest) -> None:
    interaction = await deferred(rest)
    forged = f"/webhooks/{rest.world.application.id}/forged/messages/@original"
    assert (await rest.call("GET", forged)).refusal == (401, 50027)
    elsewhere = f"/webhooks/1/{interaction.token}/messages/@original"
    assert (await rest.call("GET", elsewhere)).refusal == (404, 10015)


async def test_editing_fills_the_thinking_message_without_a_trace(rest: Rest) -> None:
    interaction = await deferred(rest)
    edited = await rest.original("PATCH", interaction, {"content": "done"}, files=[("a.png", b"a")])
    assert (edited.body["content"], edited.body["flags"], edited.body["edited_timestamp"]) == ("done", 0, None)
    again = await rest.original("PATCH", interaction, {"content": "done!"})
    assert again.body["edited_timestamp"] is not None
    assert [each["filename"] for each in again.body["attachments"]] == ["a.png"]


async def test_a_refused_edit_leaves_the_bot_thinking(rest: Rest) -> None:
    interaction = await deferred(rest)
    assert (await rest.original("PATCH", interaction, {"content": ""})).refusal == (400, 50006)
    assert interaction.loading


async def test_the_deferrals_flag_decides_who_sees_the_answer(rest: Rest) -> None:
    private = await deferred(rest, private=True)
    edited = await rest.original("PATCH", private, {"content": "secret"}, files=[("a.png", b"a")])
    assert edited.body["flags"] == EPHEMERAL
    assert "/ephemeral-attachments/" in edited.body["attachments"][0]["url"]
    public = await deferred(rest)
    edited = await rest.original("PATCH", public, {"content": "open", "flags": EPHEMERAL})
    assert edited.body["flags"] == 0


async def test_the_first_follow_up_takes_the_place_of_the_thinking_message_whatever_its_flags(rest: Rest) -> None:
    interaction = await deferred(rest)
    first = await rest.follow_up(interaction, {"content": "one", "flags": EPHEMERAL})
    second = await rest.follow_up(interaction, {"content": "two", "flags": EPHEMERAL})
    assert (first.body["id"], first.body["flags"]) == (interaction.response_message_id, 0)
    assert (second.body["flags"], second.body["id"] != first.body["id"]) == (EPHEMERAL, True)


async def test_a_follow_up_after_a_message_is_a_message_of_its_own(rest: Rest) -> None:
    interaction = rest.interaction()
    await rest.answer(interaction, MESSAGE, {"content": "one"})
    second = (await rest.follow_up(interaction, {"content": "two"}, files=[("a.png", b"a")])).body
    assert second["interaction_metadata"]["original_response_message_id"] == interaction.response_message_id
    assert [message.content for message in rest.world.messages(rest.channel.id)] == ["one", "two"]


async def test_a_follow_up_is_read_edited_and_deleted_by_its_id(rest: Rest) -> None:
    interaction = rest.interaction()
    await rest.answer(interaction, MESSAGE, {"content": "one"})
    second = (await rest.follow_up(interaction, {"content": "two"})).body["id"]
    assert (await rest.followed("GET", interaction, second)).body["content"] == "two"
    assert (await rest.followed("PATCH", interaction, second, {"content": "three"})).body["content"] == "three"
    assert (await rest.followed("DELETE", interaction, second)).status == 204
    assert (await rest.followed("GET", interaction, second)).refusal == (404, 10008)
    assert (await rest.original("GET", interaction)).body["content"] == "one"


async def test_a_token_reaches_only_the_messages_it_made(rest: Rest) -> None:
    ordinary = (await rest.say({"content": "elsewhere"})).body["id"]
    interaction = await deferred(rest)
    for method in ("GET", "PATCH", "DELETE"):
        assert (await rest.followed(method, interaction, ordinary, {"content": "x"})).refusal == (404, 10008)


async def test_a_deleted_original_is_unknown(rest: Rest) -> None:
    interaction = await deferred(rest)
    assert (await rest.original("DELETE", interaction)).status == 204
    assert (await rest.original("PATCH", interaction, {"content": "hi"})).refusal == (404, 10008)


async def test_after_a_deleted_deferral_a_follow_up_may_be_private(rest: Rest) -> None:
    interaction = await deferred(rest)
    await rest.original("DELETE", interaction)
    assert (await rest.follow_up(interaction, {"content": "no", "flags": EPHEMERAL})).body["flags"] == EPHEMERAL


async def test_a_deferral_that_was_deleted_by_the_bots_own_token_is_no_longer_filled(rest: Rest) -> None:
    interaction = await deferred(rest)
    path = f"/channels/{rest.channel.id}/messages/{interaction.response_message_id}"
    assert (await rest.call("DELETE", path)).status == 204
    assert (await rest.follow_up(interaction, {"content": "new"})).body["id"] != interaction.response_message_id


async def test_the_original_of_a_pressed_button_is_its_message(rest: Rest) -> None:
    message = rest.heard(rest.world.application.bot, "one")
    interaction = rest.interaction(COMPONENT, message=message)
    await rest.answer(interaction, DEFER_UPDATE)
    assert (await rest.original("PATCH", interaction, {"content": "two"})).body["id"] == message.id
    assert message.content == "two"


async def test_a_modal_has_no_original(rest: Rest) -> None:
    interaction = rest.interaction()
    form = {"custom_id": "m", "title": "M", "components": [{"type": 10, "content": "hello"}]}
    await rest.answer(interaction, MODAL, form)
    assert (await rest.original("GET", interaction)).refusal == (404, 10008)
    assert (await rest.follow_up(interaction, {"content": "hi"})).status == 200


async def test_an_empty_follow_up_is_refused(rest: Rest) -> None:
    interaction = rest.interaction()
    await rest.answer(interaction, MESSAGE, {"content": "one"})
    assert (await rest.follow_up(interaction, {"content": ""})).refusal == (400, 50006)


@pytest.mark.parametrize(
    ("owners", "context", "sixth"), [({"1": "42"}, 0, 400), ({"0": "7", "1": "42"}, 0, 200), ({"1": "42"}, 1, 200)]
)
async def test_an_app_that_came_with_a_person_has_five_follow_ups(
    rest: Rest, owners: dict[str, str], context: int, sixth: int
) -> None:
    interaction = rest.interaction(owners=owners, context=context)
    await rest.answer(interaction, MESSAGE, {"content": "0"})
    for number in range(5):
        assert (await rest.follow_up(interaction, {"content": str(number)})).status == 200
    last = await rest.follow_up(interaction, {"content": "6"})
    assert last.status == sixth
    if sixth == 400:
        assert last.refusal == (400, 40094)
