"""Buttons and forms that no client of Discord's would send: of others, of other messages, of no shape at all."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.jobs.job import Job, JobState
from bot.sandbox.discord.components import BUTTON, walk
from bot.sandbox.discord.conversation import COMPONENT, Message
from bot.sandbox.discord.people import InteractionHandle, Person
from bot.texts import Text
from tests.forms import forged, refused
from tests.stage import Stage, open_stage

SECRET = "the secret garden"
TASKS = 5
"""Of what is painted, or begun, before anything is forged."""
JOB_BUTTONS = ("again", "edit", "variations", "upscale", "full", "details", "delete")
MALFORMED = (
    *("", ":", "::", ":1", "x" * 60, "nosuchjob", "'; DROP TABLE jobs; --", "../../etc", "%00", "\x00", "\n", "\u202e"),
    *(
        "😀" * 20,
        "0" * 26,
        "v2:{job}",
        "{job}:",
        "{job}:00",
        "{job}:-1",
        "{job}:99",
        "{job}:100",
        "{job}:１",
        "{job}:1:1",
    ),
    *("{job} ", " {job}", "{JOB}", "{job}\n", "{job}\x00"),
)
WORDS = {
    str(Text(key))
    for key in (
        "job.unknown",
        "button.elsewhere",
        "button.unknown",
        "cancel.not_yours",
        "form.reopen_gone",
        "form.reopen_not_yours",
    )
}


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What Ada has, and Bob, who tries to get at it."""

    stage: Stage
    ada: Person
    bob: Person
    public: Job
    private: Job
    active: Job
    draft: str
    own: Job
    own_active: Job

    def message_of(self, job: Job) -> Message:
        found = self.stage.world.message(str(job.message_channel_id), str(job.message_id))
        assert found is not None
        return found

    async def presses(self, custom_id: str, message: Message) -> InteractionHandle:
        """Bob sends a button's id from a message, as if it were there."""
        button = next(each for each in walk(message.components) if each["type"] == BUTTON)
        kept = button["custom_id"]
        button["custom_id"] = custom_id
        try:
            handle = forged(
                self.stage, self.bob, COMPONENT, {"custom_id": custom_id, "component_type": BUTTON}, message
            )
        finally:
            button["custom_id"] = kept
        await self.bob.waits_until(lambda: handle.acknowledged, f"an answer to {custom_id!r}", 5)
        return handle

    async def is_refused(self, handle: InteractionHandle) -> None:
        """Bob reads a sentence, what Ada has is as it was, and nothing was painted."""
        await self.bob.waits_until(lambda: handle.private_text, "a private sentence", 5)
        assert handle.private_text in WORDS
        for job in (self.public, self.private, self.active, self.own):
            now = await self.stage.services.engine.job(job.id)
            assert now is not None
            assert (now.state, now.deleted_at) == (job.state, job.deleted_at)
        assert self.message_of(self.public)
        assert len(self.stage.gateway.tasks) == TASKS

    def bob_knows_nothing(self) -> None:
        seen = [str(message.payload) for message in self.bob.sees()]
        assert not [payload for payload in seen if SECRET in payload]


async def accepted(stage: Stage, person: Person, prompt: str, **options: object) -> Job:
    await (await person.command("imagine", prompt=prompt, **options)).answer()  # type: ignore[arg-type]
    return await stage.newest_job()


async def finished(stage: Stage, person: Person, prompt: str, **options: object) -> Job:
    return await stage.tidied(await accepted(stage, person, prompt, **options))


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with open_stage(tmp_path, user_images_per_window=50) as stage:
        await stage.start_bot()
        ada, bob = stage.person("ada"), stage.person("bob")
        public = await finished(stage, ada, "a lighthouse", count=2)
        private = await finished(stage, ada, SECRET, private=True)
        own = await finished(stage, bob, "of bob")
        reopening = (await refused(ada, pictures=1)).button("Open the form again")
        assert reopening is not None
        assert reopening.custom_id is not None
        stage.gateway.next_task(seconds=3600.0)
        active = await accepted(stage, ada, f"{SECRET}, later", private=True)
        stage.gateway.next_task(seconds=3600.0)
        own_active = await accepted(stage, bob, "of bob, later", private=True)
        async with asyncio.timeout(30):
            while active.state is not JobState.PAINTING:
                active = await stage.services.engine.job(active.id) or active
        await stage.passing(lambda: len(stage.gateway.tasks) == TASKS)
        yield Scene(
            stage=stage,
            ada=ada,
            bob=bob,
            public=public,
            private=private,
            active=active,
            draft=reopening.custom_id.partition(":")[2],
            own=own,
            own_active=own_active,
        )


class TestAButtonOfSomebodyElse:
    async def test_on_a_message_of_one_s_own_does_nothing(self, scene: Scene, subtests: pytest.Subtests) -> None:
        own = scene.message_of(scene.own)
        ids = [
            f"{verb}:{job.id}{number}"
            for verb in JOB_BUTTONS
            for job in (scene.public, scene.private, scene.active)
            for number in ("", ":1")
        ]
        ids += [f"cancel:{scene.active.id}", f"cancel:{scene.public.id}", f"draft:{scene.draft}"]
        ids += [f"history:again:{job.id}" for job in (scene.public, scene.private, scene.active)]
        ids += [f"history:delete:{job.id}:{job.id}" for job in (scene.public, scene.private, scene.active)]
        for custom_id in ids:
            with subtests.test(custom_id):
                await scene.is_refused(await scene.presses(custom_id, own))
        scene.bob_knows_nothing()

    async def test_below_a_private_outcome_does_nothing(self, scene: Scene, subtests: pytest.Subtests) -> None:
        theirs = scene.message_of(scene.private)
        for verb in JOB_BUTTONS:
            with subtests.test(verb):
                await scene.is_refused(await scene.presses(f"{verb}:{scene.private.id}", theirs))

    async def test_history_pages_show_one_s_own_only(self, scene: Scene, subtests: pytest.Subtests) -> None:
        panel = await (await scene.bob.command("history")).answer()
        message = scene.stage.world.message(panel.channel_id, panel.id)
        assert message is not None
        for way in ("newer", "older"):
            for job in (scene.public, scene.private, scene.active):
                with subtests.test(f"{way} {job.request.prompt}"):
                    await scene.presses(f"history:{way}:{job.id}", message)
                    scene.bob_knows_nothing()
                    assert not [seen for seen in scene.bob.sees() if seen.id == panel.id and "lighthouse" in seen.text]

    async def test_does_not_take_away_a_message_of_theirs(self, scene: Scene, subtests: pytest.Subtests) -> None:
        theirs = scene.message_of(scene.public)
        for custom_id in (f"delete:{scene.own_active.id}", f"delete:{scene.own.id}", f"cancel:{scene.own_active.id}"):
            with subtests.test(custom_id):
                await scene.presses(custom_id, theirs)
                assert scene.message_of(scene.public).content.count("a lighthouse") == 1


@pytest.mark.exhaustive
class TestAnIdOfNoShape:
    async def test_is_answered_in_words_and_does_nothing(self, scene: Scene, subtests: pytest.Subtests) -> None:
        own = scene.message_of(scene.own)
        jobs = {"job": scene.public.id, "JOB": scene.public.id.upper()}
        for verb in ("again", "delete", "cancel", "draft", "history:again", "history:delete", "nothing"):
            for pattern in MALFORMED:
                custom_id = f"{verb}:{pattern}".format(**jobs)
                with subtests.test(repr(custom_id)):
                    assert len(custom_id) <= 100
                    await scene.is_refused(await scene.presses(custom_id, own))
        scene.bob_knows_nothing()
