import asyncio
from typing import Any

import pytest

from bot.sandbox.discord.people import InteractionFailed, Person
from tests.bot.sandbox.discord.kinds import CHOICES, DEFER, MESSAGE
from tests.bot.sandbox.discord.rest_client import Rest

IMAGINE: dict[str, Any] = {
    "name": "imagine",
    "description": "Paint",
    "options": [
        {"type": 3, "name": "prompt", "description": "x", "required": True},
        {"type": 3, "name": "model", "description": "x", "choices": [{"name": "Pro", "value": "pro"}]},
        {"type": 3, "name": "ratio", "description": "x", "autocomplete": True},
        {"type": 11, "name": "image", "description": "x"},
    ],
}


@pytest.fixture
async def ann(rest: Rest) -> Person:
    await rest.call("PUT", f"/applications/{rest.world.application.id}/commands", [IMAGINE])
    return Person(rest.world, rest.person, rest.channel, record=rest.server.record)


def sent(rest: Rest) -> dict[str, Any]:
    """The last INTERACTION_CREATE."""
    return [data for event, data in rest.events if event == "INTERACTION_CREATE"][-1]


async def test_an_interaction_without_an_answer_fails_after_three_seconds(rest: Rest, ann: Person) -> None:
    use = await ann.command("imagine", prompt="a cat")
    rest.clock.advance(2.9)
    assert not use.failed
    rest.clock.advance(0.2)
    assert use.failed
    with pytest.raises(InteractionFailed, match="This interaction failed"):
        await use.answer()
    with pytest.raises(InteractionFailed):
        await use.acknowledgement()


async def test_who_waits_learns_of_the_failure_at_the_end_of_three_seconds(rest: Rest, ann: Person) -> None:
    use = await ann.command("imagine", prompt="a cat")
    rest.clock.advance(2.97)
    rest.clock.speed = 1.0
    with pytest.raises(InteractionFailed, match="discord PUT"):
        await use.answer()


async def test_who_waits_learns_of_the_failure_with_the_next_change_at_the_latest(rest: Rest, ann: Person) -> None:
    use = await ann.command("imagine", prompt="a cat")
    waiting = asyncio.create_task(use.answer())
    await asyncio.sleep(0)
    rest.clock.advance(3.1)
    await ann.says("hello?")
    with pytest.raises(InteractionFailed):
        await waiting


async def test_a_late_answer_changes_nothing_for_the_person(rest: Rest, ann: Person) -> None:
    use = await ann.command("imagine", prompt="a cat")
    rest.clock.advance(3.1)
    answer = await rest.answer(rest.world.interactions[use.id], MESSAGE, {"content": "too late"})
    assert answer.refusal == (404, 10062)
    assert use.failed
    assert ann.sees() == ()


async def test_a_public_answer_is_seen(rest: Rest, ann: Person) -> None:
    use = await ann.command("imagine", prompt="a cat")
    await rest.answer(rest.world.interactions[use.id], MESSAGE, {"content": "here"})
    assert (await use.answer()).content == "here"
    assert (use.acknowledged, use.failed, use.ephemeral, use.private_text) == (True, False, False, None)


async def test_a_private_refusal_is_seen_by_its_person_alone(rest: Rest, ann: Person) -> None:
    bob = rest.world.add_user("bob")
    rest.guild.join(bob)
    use = await ann.command("imagine", prompt="a cat")
    await rest.answer(rest.world.interactions[use.id], MESSAGE, {"content": "no", "flags": 64})
    assert (await use.answer()).ephemeral
    assert use.private_text == "no"
    assert [seen.content for seen in ann.sees()] == ["no"]
    assert Person(rest.world, bob, rest.channel).sees() == ()


async def test_a_deferral_shows_thinking_until_it_is_filled(rest: Rest, ann: Person) -> None:
    use = await ann.command("imagine", prompt="a cat")
    interaction = rest.world.interactions[use.id]
    await rest.answer(interaction, DEFER)
    assert use.response
    assert use.response.loading
    assert str(use.response) == "easel: … is thinking"
    await rest.original("PATCH", interaction, {"content": "done"})
    answer = await use.answer()
    assert (answer.content, answer.loading) == ("done", False)


async def test_a_public_deferral_that_becomes_a_private_refusal_is_told_in_the_follow_up(
    rest: Rest, ann: Person
) -> None:
    use = await ann.command("imagine", prompt="a cat")
    interaction = rest.world.interactions[use.id]
    await rest.answer(interaction, DEFER)
    await rest.original("DELETE", interaction)
    await rest.follow_up(interaction, {"content": "sorry", "flags": 64})
    assert (await use.answer()).content == "sorry"
    assert use.response is None
    assert [seen.content for seen in use.followups] == ["sorry"]
    assert use.private_text == "sorry"


async def test_suggestions_are_shown_and_nothing_is_required_for_them(rest: Rest, ann: Person) -> None:
    asking = asyncio.create_task(ann.suggestions("imagine", focused="ratio", typed="wi", model="Pro", image=b"miaow"))
    while not rest.world.interactions:  # noqa: ASYNC110 - until the task has had its turn
        await asyncio.sleep(0)
    [interaction] = rest.world.interactions.values()
    await rest.answer(interaction, CHOICES, {"choices": [{"name": "Wide", "value": "16:9"}]})
    assert await asking == {"Wide": "16:9"}
    assert sent(rest)["data"]["options"][:2] == [
        {"name": "model", "type": 3, "value": "pro"},
        {"name": "ratio", "type": 3, "value": "wi", "focused": True},
    ]
    assert "resolved" not in sent(rest)["data"], "while typing, a file is only an id"
