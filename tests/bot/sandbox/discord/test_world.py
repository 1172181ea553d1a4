"""The world: ids, visibility, and what it tells of changes."""

from typing import Any

from bot.sandbox.discord.conversation import Message
from bot.sandbox.discord.entities import GUILD_UPLOAD_LIMITS, Channel, User
from bot.sandbox.discord.permissions import Permission
from bot.sandbox.discord.world import DISCORD_EPOCH, Change, World
from tests.clocks import FastClock


def said(channel: Channel, author: User, *, to: User | None = None) -> Message:
    world = channel.world
    return world.post(
        Message(
            id=world.snowflake(), channel=channel, author=author, created_at=world.now(), content="hi", visible_to=to
        )
    )


def test_ids_tell_the_time_are_unique_and_grow_even_if_the_clock_stands_still() -> None:
    clock = FastClock()
    world = World(clock.now)
    clock.advance(10)
    ids = [int(world.snowflake()) for _ in range(5000)]
    assert ids == sorted(set(ids))
    assert (ids[0] >> 22) + DISCORD_EPOCH == int(clock.now() * 1000)


def test_upload_limits_follow_the_boost_tier() -> None:
    world = World()
    limits = [world.add_guild("G", tier=tier).add_channel("c").upload_limit for tier in range(4)]
    assert limits == list(GUILD_UPLOAD_LIMITS)
    assert world.direct_channel(world.add_user("ann")).upload_limit == 10 * 1024 * 1024


def test_an_ephemeral_message_is_seen_by_one_and_never_in_the_history() -> None:
    world = World()
    channel = world.add_guild("G").add_channel("c")
    ann, bob = world.add_user("ann"), world.add_user("bob")
    public, private = said(channel, ann), said(channel, world.application.bot, to=ann)
    assert world.messages(channel.id) == (public,)
    assert world.messages(channel.id, seen_by=ann) == (public, private)
    assert world.messages(channel.id, seen_by=bob) == (public,)


def test_changes_are_reported_until_nobody_asks_for_them() -> None:
    world = World()
    guild = world.add_guild("G")
    channel = guild.add_channel("c")
    ann, bob = world.add_user("ann"), world.add_user("bob")
    guild.join(ann)
    seen = list[Change]()
    unsubscribe = world.subscribe(seen.append)
    message = said(channel, ann, to=ann)
    world.edited(message)
    world.delete(message)
    unsubscribe()
    said(channel, ann)
    assert [change.kind for change in seen] == ["message_created", "message_updated", "message_deleted"]
    assert all(change.is_visible_to(ann) and not change.is_visible_to(bob) for change in seen)


def test_the_bot_hears_only_of_channels_that_it_can_see() -> None:
    world = World()
    heard: list[tuple[str, dict[str, Any]]] = []
    world.outbox = lambda event, data: heard.append((event, data))
    guild = world.add_guild("G")
    channel = guild.add_channel("c")
    ann = world.add_user("ann")
    guild.join(ann)
    channel.deny(world.application.bot, Permission.VIEW_CHANNEL)
    said(channel, ann)
    hidden = world.add_guild("Hidden", with_bot=False)
    said(hidden.add_channel("c"), ann)
    assert [event for event, _ in heard] == ["GUILD_CREATE", "CHANNEL_CREATE", "GUILD_MEMBER_ADD", "CHANNEL_UPDATE"]
    hidden.join(world.application.bot)
    assert heard[-1][0] == "GUILD_CREATE"
    assert heard[-1][1]["unavailable"] is False


def test_a_deleted_message_leaves_a_reply_without_what_it_answers() -> None:
    world = World()
    heard: list[dict[str, Any]] = []
    channel = world.add_guild("G").add_channel("c")
    ann = world.add_user("ann")
    asked = said(channel, ann)
    world.outbox = lambda _, data: heard.append(data)
    reply = Message(
        id=world.snowflake(), channel=channel, author=ann, created_at=world.now(), content="yes", reply_to=asked.id
    )
    world.post(reply)
    assert heard[-1]["referenced_message"]["id"] == asked.id
    world.delete(asked)
    world.edited(reply)
    assert heard[-1]["referenced_message"] is None
