"""Nonces: the same message asked for twice is posted once."""

from tests.bot.sandbox.discord.rest_client import Rest


async def test_a_nonce_over_25_characters_is_refused(rest: Rest) -> None:
    answer = await rest.say({"content": "hi", "nonce": "x" * 26, "enforce_nonce": True})
    assert answer.mistakes("nonce") == ["NONCE_TYPE_TOO_LONG"]


async def test_an_enforced_nonce_gives_the_first_message_for_a_while(rest: Rest) -> None:
    body = {"content": "hi", "nonce": "job-1", "enforce_nonce": True}
    first = await rest.say(body, files=[("a.png", b"a")])
    again = await rest.say({**body, "content": "other"}, files=[("a.png", b"a")])
    assert (again.status, again.body["id"], again.body["content"]) == (200, first.body["id"], "hi")
    assert first.body["nonce"] == "job-1"
    assert len(rest.world.messages(rest.channel.id)) == 1
    assert len(rest.world.attachments) == 1
    rest.clock.advance(600)
    assert (await rest.say(body)).body["id"] != first.body["id"]


async def test_a_nonce_that_is_not_enforced_posts_twice(rest: Rest) -> None:
    body = {"content": "hi", "nonce": "job-1"}
    assert (await rest.say(body)).body["id"] != (await rest.say(body)).body["id"]


async def test_a_nonce_counts_in_every_channel(rest: Rest) -> None:
    body = {"content": "hi", "nonce": "job-1", "enforce_nonce": True}
    first = await rest.say(body)
    other = rest.channel = rest.guild.add_channel("other")
    again = await rest.say(body)
    assert (again.body["id"], again.body["channel_id"]) == (first.body["id"], first.body["channel_id"])
    assert rest.world.messages(other.id) == ()


async def test_an_enforced_nonce_does_not_bring_a_deleted_message_back(rest: Rest) -> None:
    body = {"content": "hi", "nonce": "job-1", "enforce_nonce": True}
    first = await rest.say(body)
    await rest.call("DELETE", f"/channels/{rest.channel.id}/messages/{first.body['id']}")
    assert (await rest.say(body)).refusal == (404, 10008)


async def test_a_nonce_is_told_once_and_not_read_back_later(rest: Rest) -> None:
    posted = (await rest.say({"content": "hi", "nonce": 7})).body
    assert (posted["nonce"], rest.events[-1][1]["nonce"]) == (7, 7)
    (read,) = (await rest.call("GET", f"/channels/{rest.channel.id}/messages")).body
    assert "nonce" not in read
