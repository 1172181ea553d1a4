from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.sandbox.discord.conversation import Interaction, Mentions, Message
from bot.sandbox.discord.entities import Channel, Guild, User
from bot.sandbox.discord.permissions import Permission
from tests.bot.sandbox.discord.gateway_client import (
    DIRECT_MESSAGES,
    GUILD_MESSAGES,
    GUILDS,
    MESSAGE_CONTENT,
    RawClient,
    Stand,
    running_gateway,
)

MEMBERS = 1 << 1
EVERYDAY = GUILDS | GUILD_MESSAGES | DIRECT_MESSAGES


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    async with running_gateway() as stand:
        stand.world.application.privileged_intents = MESSAGE_CONTENT | MEMBERS
        yield stand


@pytest.fixture
def guild(stand: Stand) -> Guild:
    return stand.world.add_guild("Painters")


@pytest.fixture
def general(guild: Guild) -> Channel:
    return guild.add_channel("general")


@pytest.fixture
def alice(stand: Stand, guild: Guild) -> User:
    alice = stand.world.add_user("alice")
    guild.join(alice)
    return alice


def say(stand: Stand, channel: Channel, author: User, content: str, **more: Any) -> Message:
    world = stand.world
    files = [world.upload(channel, "note.txt", b"words")]
    message = Message(
        id=world.snowflake(),
        channel=channel,
        author=author,
        created_at=stand.clock,
        content=content,
        attachments=files,
        components=[{"type": 1, "components": [{"type": 2, "style": 2, "label": "x", "custom_id": "x"}]}],
        embeds=[{"title": "x"}],
        **more,
    )
    return world.post(message)


async def seen(client: RawClient, event: str = "MESSAGE_CREATE") -> list[dict[str, Any]]:
    return [frame["d"] for frame in await client.events_until_quiet() if frame["t"] == event]


def is_readable(message: dict[str, Any]) -> bool:
    restricted = [bool(message[key]) for key in ("content", "attachments", "embeds", "components")]
    assert len(set(restricted)) == 1, "either all of it or nothing"
    return restricted[0]


# Intents and permissions


async def test_without_the_intent_there_are_no_messages(stand: Stand, general: Channel, alice: User) -> None:
    client = await stand.session(intents=GUILDS | DIRECT_MESSAGES)
    say(stand, general, alice, "hello")
    assert await seen(client) == []


async def test_direct_messages_have_an_intent_of_their_own(stand: Stand, alice: User) -> None:
    deaf = await stand.session(intents=GUILDS | GUILD_MESSAGES)
    listening = await stand.session(intents=DIRECT_MESSAGES)
    say(stand, stand.world.direct_channel(alice), alice, "hello")
    assert await seen(deaf) == []
    assert [message["content"] for message in await seen(listening)] == ["hello"]


async def test_opening_a_direct_channel_is_no_event(stand: Stand, alice: User) -> None:
    client = await stand.session(intents=EVERYDAY)
    stand.world.direct_channel(alice)
    assert await client.events_until_quiet() == []


async def test_interactions_need_no_intent(stand: Stand) -> None:
    client = await stand.session(intents=0)
    stand.gateway.dispatch("INTERACTION_CREATE", {"id": "1", "guild_id": "1"})
    assert len(await seen(client, "INTERACTION_CREATE")) == 1


async def test_a_channel_that_the_bot_cannot_view_is_silent(stand: Stand, general: Channel, alice: User) -> None:
    general.deny(stand.world.application.bot, Permission.VIEW_CHANNEL)
    client = await stand.session(intents=EVERYDAY)
    say(stand, general, alice, "hello")
    assert await seen(client) == []


async def test_new_members_are_told_only_with_the_members_intent(stand: Stand, guild: Guild) -> None:
    without, with_intent = await stand.session(intents=GUILDS), await stand.session(intents=GUILDS | MEMBERS)
    guild.join(stand.world.add_user("bob"))
    assert await seen(without, "GUILD_MEMBER_ADD") == []
    assert len(await seen(with_intent, "GUILD_MEMBER_ADD")) == 1


async def test_deletions_are_told(stand: Stand, general: Channel, alice: User) -> None:
    client = await stand.session(intents=EVERYDAY)
    message = say(stand, general, alice, "hello")
    stand.world.delete(message)
    assert [deleted["id"] for deleted in await seen(client, "MESSAGE_DELETE")] == [message.id]


# Message content


async def test_without_the_content_intent_a_strangers_message_is_empty(
    stand: Stand, general: Channel, alice: User
) -> None:
    client = await stand.session(intents=EVERYDAY)
    message = say(stand, general, alice, "hello")
    message.content = "edited"
    stand.world.edited(message)
    [created, updated] = await seen(client) + await _updates(stand)
    assert not is_readable(created)
    assert not is_readable(updated)


async def _updates(stand: Stand) -> list[dict[str, Any]]:
    return stand.given("MESSAGE_UPDATE")


async def test_with_the_content_intent_it_is_whole(stand: Stand, general: Channel, alice: User) -> None:
    client = await stand.session(intents=EVERYDAY | MESSAGE_CONTENT)
    say(stand, general, alice, "hello")
    [message] = await seen(client)
    assert is_readable(message)


async def test_the_bots_own_messages_are_whole(stand: Stand, general: Channel) -> None:
    client = await stand.session(intents=EVERYDAY)
    say(stand, general, stand.world.application.bot, "done")
    [message] = await seen(client)
    assert is_readable(message)


async def test_direct_messages_are_whole(stand: Stand, alice: User) -> None:
    client = await stand.session(intents=EVERYDAY)
    say(stand, stand.world.direct_channel(alice), alice, "hello")
    [message] = await seen(client)
    assert is_readable(message)


async def test_a_message_that_mentions_the_bot_is_whole(stand: Stand, general: Channel, alice: User) -> None:
    bot = stand.world.application.bot
    client = await stand.session(intents=EVERYDAY)
    say(stand, general, alice, f"{bot.mention} hello", mentions=Mentions(users=[bot.id]))
    [message] = await seen(client)
    assert is_readable(message)


async def test_a_mention_that_was_not_resolved_does_not_count(stand: Stand, general: Channel, alice: User) -> None:
    client = await stand.session(intents=EVERYDAY)
    say(stand, general, alice, f"`{stand.world.application.bot.mention}`")
    [message] = await seen(client)
    assert not is_readable(message)


@pytest.mark.parametrize("pinged", [True, False])
async def test_a_reply_to_an_ordinary_message_of_the_bot_is_whole_if_it_pings(
    stand: Stand, general: Channel, alice: User, pinged: bool
) -> None:
    bot = stand.world.application.bot
    picture = say(stand, general, bot, "a picture")
    client = await stand.session(intents=EVERYDAY)
    say(stand, general, alice, "bluer", reply_to=picture.id, mentions=Mentions(users=[bot.id] if pinged else []))
    [message] = await seen(client)
    assert is_readable(message) is pinged
    assert is_readable(message["referenced_message"])


async def test_a_reply_to_an_interaction_response_is_empty_even_with_ping(
    stand: Stand, general: Channel, alice: User
) -> None:
    bot = stand.world.application.bot
    used = Interaction(
        id=stand.world.snowflake(), token="t", type=2, user=alice, channel=general, created_at=stand.clock
    )
    response = say(stand, general, bot, "a picture", interaction=used, type=20)
    client = await stand.session(intents=EVERYDAY)
    say(stand, general, alice, "bluer", reply_to=response.id, mentions=Mentions(users=[bot.id]))
    [message] = await seen(client)
    assert not is_readable(message)


async def test_the_message_that_a_mention_refers_to_is_empty_if_it_is_someone_elses(
    stand: Stand, general: Channel, alice: User
) -> None:
    bot, bob = stand.world.application.bot, stand.world.add_user("bob")
    photo = say(stand, general, bob, "my photo")
    client = await stand.session(intents=EVERYDAY)
    say(stand, general, alice, f"{bot.mention} bluer", reply_to=photo.id, mentions=Mentions(users=[bot.id]))
    [message] = await seen(client)
    assert is_readable(message)
    assert not is_readable(message["referenced_message"])


async def test_a_forward_carries_the_message_without_its_author(
    stand: Stand, guild: Guild, general: Channel, alice: User
) -> None:
    original = say(stand, general, alice, "my photo")
    client = await stand.session(intents=EVERYDAY)
    say(stand, stand.world.direct_channel(alice), alice, "", forwards=original)
    [message] = await seen(client)
    reference = {"type": 1, "message_id": original.id, "channel_id": general.id, "guild_id": guild.id}
    assert message["message_reference"] == reference
    assert message["flags"] == 1 << 14
    [snapshot] = message["message_snapshots"]
    assert is_readable(snapshot["message"])
    assert "author" not in snapshot["message"]
    assert "referenced_message" not in message


async def test_what_was_forwarded_is_as_unreadable_as_the_rest(stand: Stand, general: Channel, alice: User) -> None:
    original = say(stand, general, alice, "my photo")
    client = await stand.session(intents=EVERYDAY)
    say(stand, general, alice, "", forwards=original)
    [message] = await seen(client)
    assert not is_readable(message["message_snapshots"][0]["message"])


async def test_what_a_session_missed_is_replayed_as_it_was(stand: Stand, general: Channel, alice: User) -> None:
    lost = await stand.lost(await stand.session(intents=EVERYDAY | MESSAGE_CONTENT))
    message = say(stand, general, alice, "first")
    message.embeds[0]["title"] = "changed later"
    client = await stand.connect()
    await client.resume(lost.ready["session_id"], lost.sequence)
    assert (await client.event("MESSAGE_CREATE"))["embeds"][0]["title"] == "x"


# Shards


async def test_a_shard_hears_of_its_own_servers_only(stand: Stand) -> None:
    guilds: dict[int, Guild] = {}
    while len(guilds) < 2:
        stand.clock += 0.001
        guild = stand.world.add_guild("Painters")
        guilds[(int(guild.id) >> 22) % 2] = guild
    shards = [await stand.session(intents=EVERYDAY, shard=[index, 2]) for index in range(2)]
    for index, client in enumerate(shards):
        assert guilds[index].id in [guild["id"] for guild in client.ready["guilds"]]
        assert guilds[1 - index].id not in [guild["id"] for guild in client.ready["guilds"]]
    for index, guild in guilds.items():
        stand.gateway.dispatch("INTERACTION_CREATE", {"id": str(index), "guild_id": guild.id})
    for index, client in enumerate(shards):
        assert [each["id"] for each in await seen(client, "INTERACTION_CREATE")] == [str(index)]


async def test_what_is_outside_servers_goes_to_shard_0(stand: Stand, alice: User) -> None:
    first, second = [await stand.session(intents=EVERYDAY, shard=[index, 2]) for index in range(2)]
    say(stand, stand.world.direct_channel(alice), alice, "hello")
    assert len(await seen(first)) == 1
    assert await seen(second) == []


# Asking for members


async def test_all_members_may_be_asked_for_only_with_the_intent(stand: Stand, guild: Guild, alice: User) -> None:
    question = {"guild_id": guild.id, "query": "", "limit": 0, "nonce": "n"}
    without, with_intent = await stand.session(intents=GUILDS), await stand.session(intents=GUILDS | MEMBERS)
    await without.send(8, question)
    await with_intent.send(8, question)
    assert await seen(without, "GUILD_MEMBERS_CHUNK") == []
    [chunk] = await seen(with_intent, "GUILD_MEMBERS_CHUNK")
    assert alice.id in [member["user"]["id"] for member in chunk["members"]]
    assert (chunk["chunk_index"], chunk["chunk_count"], chunk["nonce"]) == (0, 1, "n")


async def test_members_are_found_by_id_and_by_the_start_of_their_name(stand: Stand, guild: Guild, alice: User) -> None:
    client = await stand.session()
    await client.send(8, {"guild_id": guild.id, "user_ids": [alice.id, "1"], "limit": 0})
    await client.send(8, {"guild_id": guild.id, "query": "AL", "limit": 5})
    by_id, by_name = await seen(client, "GUILD_MEMBERS_CHUNK")
    assert by_id["not_found"] == ["1"]
    for chunk in (by_id, by_name):
        assert [member["user"]["id"] for member in chunk["members"]] == [alice.id]


async def test_a_question_for_members_that_makes_no_sense_is_closed_with_4002(stand: Stand, guild: Guild) -> None:
    client = await stand.session()
    await client.send(8, {"guild_id": guild.id, "query": "a", "limit": "many"})
    assert await client.close_code() == 4002


async def test_members_come_in_chunks_of_a_thousand(stand: Stand, guild: Guild) -> None:
    for number in range(1000):
        guild.join(stand.world.add_user(f"member-{number}"))
    client = await stand.session(intents=GUILDS | MEMBERS)
    await client.send(8, {"guild_id": guild.id, "query": "", "limit": 0})
    chunks = await seen(client, "GUILD_MEMBERS_CHUNK")
    assert [len(chunk["members"]) for chunk in chunks] == [1000, len(guild.members) - 1000]
    assert [chunk["chunk_index"] for chunk in chunks] == [0, 1]
