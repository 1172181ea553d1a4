"""The same stories in SimCord, a model of Discord that none of us wrote.

It puts no bytes on a wire and serves no attachments, ignores nonces and has a size limit of its own: about those it
proves nothing.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import discord
import pytest
import simcord

from bot.client import EaselBot
from bot.sandbox.toapis import ToapisServer
from bot.services import Services, open_services
from bot.texts import Text
from tests.orders import NANO_BANANA_PRO
from tests.workshop import settings_for

EPOCH = 1_767_225_600.0  # the first moment of 2026, at which SimCord's time begins


class DeclaredClock:
    """SimCord's time; waiting for it is declared to be no work of the bot's, so that SimCord does not wait for it."""

    def __init__(self) -> None:
        self.env: simcord.Env | None = None

    def now(self) -> float:
        """The time in seconds since the Unix epoch."""
        return EPOCH if self.env is None else self.env.now().timestamp()

    async def wait(self, event: asyncio.Event | None, until: float) -> bool:
        """Wait until `event` is set or the time is `until`; says whether the event is set."""
        waiting = self._wait(event, until)
        if self.env is None or asyncio.current_task() not in self.env._work.tasks:
            return await waiting
        return bool(await self.env.external_wait(waiting, reason="time, or an event"))

    async def _wait(self, event: asyncio.Event | None, until: float) -> bool:
        never = event or asyncio.Event()
        try:
            async with asyncio.timeout(max(0.0, until - self.now())):
                await never.wait()
        except TimeoutError:
            pass
        return never.is_set()


@dataclass(kw_only=True)
class Story:
    """A server of SimCord's, somebody in it, and the bot."""

    env: simcord.Env
    services: Services
    gateway: ToapisServer
    channel: simcord.ChannelHandle
    ada: simcord.MemberActor
    bob: simcord.MemberActor
    bystander: simcord.MemberActor

    @property
    def messages(self) -> list[discord.Message]:
        """What everyone in the channel sees."""
        return self.channel.history(viewer=self.bystander)


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    clock = DeclaredClock()
    async with AsyncExitStack() as stack:
        gateway = ToapisServer(seconds=0.0, now=clock.now, long_side=48)
        await stack.enter_async_context(gateway)
        settings = settings_for(tmp_path, gateway, poll_first_seconds=0.0, user_images_per_window=3)
        services = await stack.enter_async_context(open_services(settings, clock))
        env = clock.env = simcord.Env(EaselBot(services), shard_count=1)
        await env.start()
        stack.push_async_callback(env.shutdown)
        guild = env.create_guild()
        yield Story(
            env=env,
            services=services,
            gateway=gateway,
            channel=guild.create_text_channel("easel"),
            ada=guild.add_member(env.create_user("ada")),
            bob=guild.add_member(env.create_user("bob")),
            bystander=guild.add_member(env.create_user("eve")),
        )
        env.raise_errors()


async def test_words_become_a_picture_in_the_channel(story: Story) -> None:
    used = await story.ada.slash(story.channel, "imagine", prompt="a lighthouse", ratio="widescreen")
    assert used.acknowledged
    (result,) = story.messages
    assert [user.id for user in result.mentions] == [story.ada.id]
    assert "> a lighthouse" in result.content
    assert "16:9" in result.content
    assert [file.description for file in result.attachments] == ["Nano Banana 2: a lighthouse"]
    assert used.response is None


async def test_four_pictures_come_in_one_message(story: Story) -> None:
    await story.ada.slash(story.channel, "imagine", prompt="a lighthouse", model=NANO_BANANA_PRO, count=3)
    (result,) = story.messages
    assert len(result.attachments) == 3
    assert len(story.gateway.tasks) == 3


async def test_a_refusal_is_private_and_says_all_that_is_wrong(story: Story) -> None:
    used = await story.ada.slash(story.channel, "imagine", prompt=" ", ratio="7:5", resolution="9K")
    assert used.response is not None
    assert used.response.ephemeral
    assert used.response.content.count("\n- ") == 3
    assert story.messages == []
    assert story.gateway.tasks == ()


async def test_a_private_result_stays_private(story: Story) -> None:
    used = await story.ada.slash(story.channel, "imagine", prompt="a secret", private=True)
    assert used.response is not None
    assert used.response.ephemeral
    assert len(used.response.attachments) == 1
    assert story.messages == []


async def test_ratios_are_suggested_for_the_chosen_model(story: Story) -> None:
    choices = await story.ada.autocomplete(story.channel, "imagine", "ratio", "wide", model=NANO_BANANA_PRO)
    assert choices[0] == {"name": "16:9 widescreen", "value": "16:9"}


async def test_buttons_work_after_a_restart_until_the_allowance_is_used_up(story: Story) -> None:
    await story.ada.slash(story.channel, "imagine", prompt="a lighthouse")
    await story.env.restart_bot(EaselBot(story.services))
    for count in (2, 3):
        await story.bob.click(story.messages[0], label="Again")
        assert len(story.messages) == count
    assert [user.id for user in story.messages[-1].mentions] == [story.bob.id]
    await story.bob.click(story.messages[0], label="Again")
    refused = await story.bob.click(story.messages[0], label="Again")
    assert refused.response is not None
    assert refused.response.ephemeral
    assert "You have used 3 of your 3 pictures" in refused.response.content


async def test_only_the_owner_deletes_the_result(story: Story) -> None:
    await story.ada.slash(story.channel, "imagine", prompt="a lighthouse")
    refused = await story.bob.click(story.messages[0], label="Delete")
    (told,) = refused.followups
    assert told.ephemeral
    assert told.content == str(Text("ui.not_yours"))
    assert len(story.messages) == 1
    await story.ada.click(story.messages[0], label="Delete")
    assert story.messages == []


async def test_a_failure_is_told_where_the_progress_was(story: Story) -> None:
    story.gateway.next_task(ending="failed")
    used = await story.ada.slash(story.channel, "imagine", prompt="a lighthouse")
    assert used.response is not None
    assert "did not work" in used.response.content
