"""Rate limits."""

from bot.sandbox.discord.conversation import COMMAND
from bot.sandbox.discord.ratelimits import Limit, RateLimits
from bot.sandbox.faults import Fault
from tests.bot.sandbox.discord.rest_client import Rest

POSTING = ("POST", "/channels/{channel_id}/messages")


async def test_one_message_too_many_is_refused_until_the_window_closes(rest: Rest) -> None:
    rest.server.limiter.limits = RateLimits.like_discord()
    for left in (4, 3, 2, 1, 0):
        answer = await rest.say({"content": "hi"})
        assert (answer.status, answer.headers["X-RateLimit-Remaining"]) == (200, str(left))
    rest.clock.advance(2)
    refused = await rest.say({"content": "hi"})
    assert refused.status == 429
    assert (refused.body["message"], refused.body["retry_after"]) == ("You are being rate limited.", 3.0)
    assert refused.body["global"] is False
    assert refused.headers["Via"] == "1.1 google"
    assert (refused.headers["Retry-After"], refused.headers["X-RateLimit-Scope"]) == ("3", "user")
    assert len(rest.world.messages(rest.channel.id)) == 5
    rest.clock.advance(3)
    assert (await rest.say({"content": "hi"})).status == 200


async def test_a_bucket_tells_its_state_also_with_a_refusal(rest: Rest) -> None:
    rest.server.limiter.limits.routes[POSTING] = Limit(3, 10.0)
    answer = await rest.say({"content": ""})
    assert answer.status == 400
    assert answer.headers["X-RateLimit-Limit"] == "3"
    assert answer.headers["X-RateLimit-Remaining"] == "2"
    assert answer.headers["X-RateLimit-Reset-After"] == "10.000"
    assert float(answer.headers["X-RateLimit-Reset"]) == rest.clock.now() + 10
    assert answer.headers["X-RateLimit-Bucket"]


async def test_channels_have_windows_of_their_own_in_one_bucket(rest: Rest) -> None:
    rest.server.limiter.limits.routes[POSTING] = Limit(1, 10.0)
    here = await rest.say({"content": "hi"})
    rest.channel = rest.guild.add_channel("other")
    there = await rest.say({"content": "hi"})
    assert (here.status, there.status) == (200, 200)
    assert here.headers["X-RateLimit-Bucket"] == there.headers["X-RateLimit-Bucket"]
    assert (await rest.say({"content": "hi"})).status == 429


async def test_the_global_limit_counts_every_route(rest: Rest) -> None:
    rest.server.limiter.limits.everywhere = Limit(2, 1.0)
    await rest.call("GET", "/users/@me")
    await rest.say({"content": "hi"})
    refused = await rest.call("GET", f"/channels/{rest.channel.id}")
    assert (refused.status, refused.body["global"]) == (429, True)
    assert (refused.headers["X-RateLimit-Global"], refused.headers["X-RateLimit-Scope"]) == ("true", "global")
    assert "Via" in refused.headers


async def test_interactions_do_not_count_towards_the_global_limit(rest: Rest) -> None:
    rest.server.limiter.limits.everywhere = Limit(1, 1.0)
    await rest.call("GET", "/users/@me")
    interaction = rest.interaction(COMMAND)
    assert (await rest.answer(interaction, 5)).status == 200
    assert (await rest.original("PATCH", interaction, {"content": "done"})).status == 200


async def test_each_interaction_has_a_window_of_its_own(rest: Rest) -> None:
    rest.server.limiter.limits = RateLimits.like_discord()
    first, second = rest.interaction(), rest.interaction()
    for interaction in (first, second):
        await rest.answer(interaction, 4, {"content": "hi"})
    answers = [await rest.original("PATCH", first, {"content": str(number)}) for number in range(6)]
    assert [answer.status for answer in answers] == [200] * 5 + [429]
    assert (await rest.original("PATCH", second, {"content": "hi"})).status == 200


async def test_a_route_can_be_told_to_misbehave(rest: Rest) -> None:
    rest.server.faults.add(Fault(route=POSTING[1], method="POST", nth=2, moment="after", status=502, body="<html>"))
    assert (await rest.say({"content": "one"})).status == 200
    assert (await rest.say({"content": "two"})).status == 502
    assert [message.content for message in rest.world.messages(rest.channel.id)] == ["one", "two"]
    # Which makes of it an answer that Discord's description does not know; the judge need not see it.
    assert rest.server.record.exchanges[-1].acted
