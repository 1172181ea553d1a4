import asyncio
from collections.abc import AsyncIterator

import discord
import pytest

from bot.sandbox.discord.entities import Channel
from bot.sandbox.discord.people import NotPossible, Person, Upload
from bot.sandbox.discord.server import DiscordServer
from bot.sandbox.discord.world import World
from bot.sandbox.faults import Faults
from bot.sandbox.record import Exchange, Record
from tests.bot.sandbox.discord.discordpy_bot import PainterBot, running_bot
from tests.clocks import FastClock
from tests.openapi import DESCRIPTION, openapi_judge

PATIENCE = 30.0


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    clock = FastClock(speed=1.0)
    server = DiscordServer(World(clock.now), record=Record(), faults=Faults(), now=clock.now)
    await server.start()
    yield server
    await server.stop()
    assert [exchange for exchange in server.record.exchanges if exchange.status == 500] == []
    if DESCRIPTION.is_file():
        judge = openapi_judge()
        assert [each for exchange in server.record.exchanges for each in judge.complaints(exchange)] == []


@pytest.fixture
def channel(server: DiscordServer) -> Channel:
    return server.world.add_guild("Painters").add_channel("general")


@pytest.fixture
async def bot(server: DiscordServer, channel: Channel, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PainterBot]:
    assert channel.guild
    async with running_bot(server, monkeypatch) as bot:
        yield bot


@pytest.fixture
def alice(server: DiscordServer, channel: Channel) -> Person:
    user = server.world.add_user("alice")
    assert channel.guild
    channel.guild.join(user)
    return Person(server.world, user, channel, record=server.record)


@pytest.mark.usefixtures("bot")
async def test_a_command_with_a_file_is_deferred_and_answered_with_a_file(alice: Person) -> None:
    use = await alice.command("paint", words="a cat", photo=Upload("cat.png", b"miaow"), kind="A photo", count=2)
    answer = await use.answer()
    assert answer.content == "a cat kind=photo style=None"
    assert [file.filename for file in answer.files] == ["0.png", "1.png"]
    assert await alice.download(answer.files[1]) == b"miaow"
    assert not use.ephemeral


@pytest.mark.usefixtures("bot")
async def test_suggestions_depend_on_another_option(alice: Person) -> None:
    assert await alice.suggestions("paint", focused="style", typed="") == {"Ink": "ink", "Chalk": "chalk"}
    assert await alice.suggestions("paint", focused="style", typed="s", kind="photo") == {
        "Sharp": "sharp",
        "Soft": "soft",
    }


@pytest.mark.usefixtures("bot")
async def test_a_dynamic_button_edits_its_message_again_and_again(alice: Person) -> None:
    message = await (await alice.command("paint", words="a cat")).answer()
    for count in (1, 2):
        use = await alice.press(message, "Again")
        assert (await use.answer()).content == f"pressed {count}"
    assert [seen.content for seen in alice.sees()] == ["pressed 2"]


@pytest.mark.parametrize("button", ["Later", "Help", "Nowhere"])
async def test_a_disabled_a_link_and_a_missing_button_cannot_be_pressed(
    bot: PainterBot, alice: Person, button: str
) -> None:
    message = await (await alice.command("paint", words="a cat")).answer()
    used = len(bot.used)
    with pytest.raises(NotPossible):
        await alice.press(message, button)
    assert len(bot.used) == used


@pytest.mark.usefixtures("bot")
async def test_a_modal_is_filled_in_and_answered(alice: Person) -> None:
    opened = await alice.command("ask")
    assert [field.label for field in (await opened.opened_modal()).fields] == [
        "Words",
        "Style",
        "Photo",
        "Size",
        "Loud",
    ]
    answers = {"Words": "hi", "Style": "Ink", "Photo": [Upload("a.txt", b"A")], "size": "Big", "Loud": True}
    use = await alice.submits(opened, answers)
    assert (await use.answer()).content == repr(["hi", ["ink"], [("a.txt", b"A")], "Big", True])
    assert use.ephemeral


async def test_a_context_menu_gets_the_whole_message_without_the_content_intent(bot: PainterBot, alice: Person) -> None:
    message = await alice.says("look", files=[Upload("cat.png", b"miaow")])
    received = await asyncio.wait_for(bot.seen.get(), PATIENCE)
    assert (received.content, received.attachments) == ("", [])
    use = await alice.uses("Count files", message)
    assert (await use.answer()).content == "1: look"


@pytest.mark.usefixtures("bot")
async def test_one_nonce_posts_one_message(alice: Person) -> None:
    use = await alice.command("post")
    await alice.waits_until(lambda: use.response and use.response.content == "1 message", "the count")
    assert [seen.content for seen in alice.sees() if not seen.ephemeral] == ["done"]


@pytest.mark.usefixtures("bot")
async def test_commands_work_in_the_direct_channel(alice: Person, server: DiscordServer) -> None:
    there = alice.at(server.world.direct_channel(alice.user))
    assert (await (await there.command("paint", words="a cat")).answer()).content.startswith("a cat")


async def test_a_mention_reaches_the_bot_with_its_content(bot: PainterBot, alice: Person) -> None:
    assert bot.user
    await alice.says(f"<@{bot.user.id}> hello")
    received = await asyncio.wait_for(bot.seen.get(), PATIENCE)
    assert received.content == f"<@{bot.user.id}> hello"
    assert bot.user in received.mentions


async def test_a_server_joined_later_is_told_as_a_join(bot: PainterBot, server: DiscordServer) -> None:
    guild = server.world.add_guild("Newcomers")
    joined = await asyncio.wait_for(bot.joined.get(), PATIENCE)
    assert joined.id == int(guild.id)
    assert bot.joined.empty()


async def test_the_content_intent_shows_everything(
    server: DiscordServer, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    intents = discord.Intents.all()
    server.world.application.privileged_intents = intents.value
    async with running_bot(server, monkeypatch, intents) as bot:
        await alice.says("hello")
        received = await asyncio.wait_for(bot.seen.get(), PATIENCE)
        assert received.content == "hello"
        assert received.guild is not None
        assert received.guild.get_member(int(alice.user.id)) is not None


async def test_a_privileged_intent_that_is_off_ends_the_bot(
    server: DiscordServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with running_bot(server, monkeypatch, discord.Intents.all()):
            pass


async def test_a_sharded_bot_gets_every_server_once(server: DiscordServer, monkeypatch: pytest.MonkeyPatch) -> None:
    guilds = [server.world.add_guild(f"Guild {number}") for number in range(5)]
    async with running_bot(server, monkeypatch, shard_count=2) as bot:
        assert sorted(guild.id for guild in bot.guilds) == sorted(int(guild.id) for guild in guilds)
        assert set(bot.shards) == {0, 1}
        assert len(server.record.matching("SEND", "IDENTIFY")) == 2


# What goes wrong


async def _use_and_wait(alice: Person) -> None:
    assert (await (await alice.command("paint", words="a cat")).answer()).content.startswith("a cat")


async def _resumed(bot: PainterBot) -> None:
    await asyncio.wait_for(bot.resumed.wait(), PATIENCE)


async def test_asked_to_reconnect_the_bot_resumes_and_handles_what_it_missed(
    bot: PainterBot, alice: Person, server: DiscordServer
) -> None:
    server.gateway.reconnect()
    use = await alice.command("paint", words="while away")
    await _resumed(bot)
    assert (await use.answer()).content.startswith("while away")
    assert len(server.record.matching("SEND", "IDENTIFY")) == 1


async def test_after_a_lost_connection_the_bot_resumes(bot: PainterBot, alice: Person, server: DiscordServer) -> None:
    server.gateway.abort()
    await _resumed(bot)
    await _use_and_wait(alice)
    assert len(server.record.matching("SEND", "IDENTIFY")) == 1


@pytest.mark.parametrize("code", [1001, 4000])
async def test_after_a_close_the_bot_resumes(bot: PainterBot, alice: Person, server: DiscordServer, code: int) -> None:
    await server.gateway.close(code)
    await _resumed(bot)
    await _use_and_wait(alice)


async def test_an_invalid_but_resumable_session_is_resumed(
    bot: PainterBot, alice: Person, server: DiscordServer
) -> None:
    server.gateway.invalidate(resumable=True)
    await _resumed(bot)
    await _use_and_wait(alice)


@pytest.mark.usefixtures("bot")
async def test_an_invalid_session_makes_the_bot_identify_anew_and_buttons_still_work(
    alice: Person, server: DiscordServer
) -> None:
    message = await (await alice.command("paint", words="a cat")).answer()
    identified = len(server.record.matching("SEND", "IDENTIFY"))
    server.gateway.invalidate(resumable=False)
    await server.record.wait_for(
        lambda exchange: exchange.route == "READY" and len(server.record.matching("SEND", "IDENTIFY")) > identified,
        PATIENCE,
    )
    assert (await (await alice.press(message, "Again")).answer()).content == "pressed 1"


@pytest.mark.usefixtures("bot")
async def test_a_timed_out_session_makes_the_bot_identify_anew(alice: Person, server: DiscordServer) -> None:
    for session in server.gateway.sessions:
        server.gateway.sessions.forget(session)
    server.gateway.abort()
    await server.record.wait_for(lambda _: len(server.record.matching("DISPATCH", "READY")) == 2, PATIENCE)
    await _use_and_wait(alice)


@pytest.mark.real_time  # discord.py sends heartbeats from a thread
async def test_unanswered_heartbeats_make_the_bot_resume(
    server: DiscordServer, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.gateway.manners.heartbeat_interval = 0.2
    async with running_bot(server, monkeypatch, heartbeat_timeout=0.5) as bot:
        server.gateway.mute_heartbeats()
        await server.record.wait_for(lambda exchange: exchange.route == "RESUME", PATIENCE)
        server.gateway.mute_heartbeats(False)
        await _resumed(bot)
        await _use_and_wait(alice)


@pytest.mark.parametrize("same_sequence", [True, False])
async def test_a_repeated_event_reaches_the_bot_twice(
    bot: PainterBot, alice: Person, server: DiscordServer, same_sequence: bool
) -> None:
    server.gateway.duplicate_next("INTERACTION_CREATE", same_sequence=same_sequence)
    use = await alice.command("post")
    await use.answer()
    await server.record.wait_for(_is_refused_as_acknowledged, PATIENCE)
    assert bot.used == [int(use.id)] * 2


def _is_refused_as_acknowledged(exchange: Exchange) -> bool:
    match exchange.answer:
        case {"code": 40060}:
            return True
        case _:
            return False


@pytest.mark.usefixtures("bot")
async def test_a_gateway_that_is_away_for_a_moment_is_found_again(alice: Person, server: DiscordServer) -> None:
    away = asyncio.create_task(server.gateway.go_away())
    use = await alice.command("paint", words="while away")
    await away
    server.gateway.come_back()
    await server.record.wait_for(lambda exchange: exchange.route == "RESUMED", PATIENCE)
    assert (await use.answer()).content.startswith("while away")
