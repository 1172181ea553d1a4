"""The first answer to an interaction."""

import pytest

from bot.sandbox.discord.conversation import AUTOCOMPLETE, EPHEMERAL, IS_COMPONENTS_V2, LOADING, MODAL_SUBMIT
from bot.sandbox.discord.conversation import PING as PING_INTERACTION
from bot.sandbox.discord.permissions import Permission
from tests.bot.sandbox.discord.kinds import CHOICES, DEFER, DEFER_UPDATE, MESSAGE, MODAL, PONG, UPDATE
from tests.bot.sandbox.discord.rest_client import Rest


async def test_an_unknown_interaction_or_token_is_refused(rest: Rest) -> None:
    interaction = rest.interaction()
    for number, token in (("1", interaction.token), (interaction.id, "forged")):
        answer = await rest.call("POST", f"/interactions/{number}/{token}/callback", {"type": DEFER})
        assert answer.refusal == (404, 10062)


async def test_after_three_seconds_an_interaction_is_unknown(rest: Rest) -> None:
    interaction = rest.interaction()
    rest.clock.advance(3.1)
    assert (await rest.answer(interaction, DEFER)).refusal == (404, 10062)
    assert interaction.acknowledged is None


async def test_within_three_seconds_an_interaction_is_acknowledged(rest: Rest) -> None:
    interaction = rest.interaction()
    rest.clock.advance(2.9)
    assert (await rest.answer(interaction, DEFER)).status == 200
    assert interaction.acknowledged == DEFER


async def test_a_second_answer_is_refused(rest: Rest) -> None:
    interaction = rest.interaction()
    await rest.answer(interaction, MESSAGE, {"content": "hi"})
    for kind in (MESSAGE, DEFER, MODAL):
        assert (await rest.answer(interaction, kind, {"content": "hi"})).refusal == (400, 40060)


async def test_a_refused_answer_does_not_acknowledge(rest: Rest) -> None:
    interaction = rest.interaction()
    answer = await rest.answer(interaction, MESSAGE, {"content": "x" * 2001})
    assert answer.mistakes("data", "content") == ["BASE_TYPE_MAX_LENGTH"]
    assert (await rest.answer(interaction, MESSAGE, {"content": ""})).refusal == (400, 50006)
    assert (await rest.answer(interaction, MESSAGE, {"content": "hi"})).status == 200


@pytest.mark.parametrize(
    ("interaction_kind", "answer_kind"),
    [
        (PING_INTERACTION, MESSAGE),
        (2, DEFER_UPDATE),
        (2, UPDATE),
        (2, CHOICES),
        (2, 2),
        (AUTOCOMPLETE, DEFER),
        (AUTOCOMPLETE, MESSAGE),
        (MODAL_SUBMIT, MODAL),
        (MODAL_SUBMIT, UPDATE),
    ],
)
async def test_an_answer_that_does_not_fit_is_refused(rest: Rest, interaction_kind: int, answer_kind: int) -> None:
    answer = await rest.answer(rest.interaction(interaction_kind), answer_kind, {"content": "hi"})
    assert answer.mistakes("type") == ["BASE_TYPE_CHOICES"]


async def test_an_answer_needs_a_type(rest: Rest) -> None:
    interaction = rest.interaction()
    answer = await rest.call("POST", f"/interactions/{interaction.id}/{interaction.token}/callback", {"data": {}})
    assert answer.mistakes("type") == ["BASE_TYPE_REQUIRED"]


async def test_a_message_answers_with_the_message_it_made(rest: Rest) -> None:
    interaction = rest.interaction()
    answer = await rest.answer(interaction, MESSAGE, {"content": "hi", "flags": EPHEMERAL}, files=[("a.txt", b"a")])
    about, resource = answer.body["interaction"], answer.body["resource"]
    assert (about["id"], about["type"], about["guild_id"]) == (interaction.id, 2, rest.guild.id)
    assert (about["response_message_loading"], about["response_message_ephemeral"]) == (False, True)
    assert (resource["type"], resource["message"]["id"]) == (MESSAGE, about["response_message_id"])
    assert resource["message"]["flags"] == EPHEMERAL
    assert resource["message"]["interaction_metadata"]["user"]["id"] == rest.person.id
    assert "/ephemeral-attachments/" in resource["message"]["attachments"][0]["url"]


async def test_without_with_response_there_is_no_body(rest: Rest) -> None:
    interaction = rest.interaction()
    path = f"/interactions/{interaction.id}/{interaction.token}/callback"
    answer = await rest.call("POST", path, {"type": DEFER}, authorization=None)
    assert (answer.status, answer.body) == (204, "")


async def test_a_callback_carries_no_rate_limit_headers(rest: Rest) -> None:
    answer = await rest.answer(rest.interaction(), DEFER)
    assert not [name for name in answer.headers if name.lower().startswith("x-ratelimit")]


async def test_a_deferral_shows_that_the_bot_is_thinking(rest: Rest) -> None:
    interaction = rest.interaction()
    answer = await rest.answer(interaction, DEFER)
    about = answer.body["interaction"]
    assert about["response_message_loading"] is True
    assert about["response_message_ephemeral"] is False
    assert "resource" not in answer.body
    (message,) = rest.world.messages(rest.channel.id)
    assert message.id == about["response_message_id"]
    event, data = rest.events[-1]
    assert (event, data["flags"]) == ("MESSAGE_CREATE", LOADING)


async def test_an_ephemeral_deferral_is_seen_by_the_person_alone(rest: Rest) -> None:
    await rest.answer(rest.interaction(), DEFER, {"flags": EPHEMERAL})
    assert rest.world.messages(rest.channel.id) == ()
    (message,) = rest.world.messages(rest.channel.id, seen_by=rest.person)
    assert message.flags == EPHEMERAL
    assert "guild_id" not in rest.events[-1][1]


async def test_a_deferral_cannot_ask_for_components_v2(rest: Rest) -> None:
    await rest.answer(rest.interaction(), DEFER, {"flags": IS_COMPONENTS_V2})
    (message,) = rest.world.messages(rest.channel.id)
    assert message.flags == 0


async def test_an_app_that_came_with_a_person_answers_in_private_where_the_server_wants_it_so(rest: Rest) -> None:
    brought = {"1": rest.person.id}
    assert (await rest.answer(rest.interaction(owners=brought), MESSAGE, {"content": "hi"})).body["interaction"][
        "response_message_ephemeral"
    ] is False
    rest.channel.deny(rest.person, Permission.USE_EXTERNAL_APPS)
    answer = await rest.answer(rest.interaction(owners=brought), MESSAGE, {"content": "hi"})
    assert answer.body["interaction"]["response_message_ephemeral"] is True


async def test_an_interaction_needs_none_of_the_bots_permissions(rest: Rest) -> None:
    rest.channel.deny(rest.world.application.bot, Permission.VIEW_CHANNEL)
    interaction = rest.interaction()
    assert (await rest.answer(interaction, MESSAGE, {"content": "hi"}, files=[("a.txt", b"a")])).status == 200


async def test_files_of_an_answer_have_the_interactions_own_limit(rest: Rest) -> None:
    picture = [("a.bin", bytes(2000))]
    small = rest.interaction(attachment_size_limit=1000)
    assert (await rest.answer(small, MESSAGE, {}, files=picture)).refusal == (413, 40005)
    large = rest.interaction(attachment_size_limit=2000)
    assert (await rest.answer(large, MESSAGE, {}, files=picture)).status == 200


async def test_the_answer_to_a_context_menu_names_the_message_it_was_used_on(rest: Rest) -> None:
    target = rest.heard()
    interaction = rest.interaction(data={"type": 3, "name": "Edit this", "target_id": target.id})
    message = (await rest.answer(interaction, MESSAGE, {"content": "hi"})).body["resource"]["message"]
    assert (message["type"], message["interaction_metadata"]["target_message_id"]) == (23, target.id)


async def test_a_ping_is_answered_with_a_pong(rest: Rest) -> None:
    answer = await rest.answer(rest.interaction(PING_INTERACTION), PONG)
    assert (answer.status, answer.body["interaction"]["type"]) == (200, 1)
