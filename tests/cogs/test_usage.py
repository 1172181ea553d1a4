from pathlib import Path

from bot.sandbox.discord.people import Person
from bot.texts import Text
from tests.stage import MESSAGES, Stage, open_stage

HOUR = 3600.0


async def usage(person: Person) -> list[str]:
    """The lines that `/usage` answers, after a look at who can read them."""
    answer = await (await person.command("usage")).answer()
    assert answer.ephemeral
    return answer.content.splitlines()


async def painted(stage: Stage, person: Person, count: int) -> int:
    """The second at which the pictures of a request that is done come back, with a window of an hour."""
    before = person.sees()
    await person.command("imagine", prompt="a lighthouse", count=count)
    outcome = await person.waits_for(lambda message: message.button("Again"), after=before[-1] if before else None)
    job = await stage.tidied(await stage.job_of(outcome))
    return int(job.created_at + HOUR) + 1


async def test_whoever_has_used_nothing_is_told_so(tmp_path: Path) -> None:
    async with open_stage(tmp_path, user_images_per_window=20, user_jobs_in_flight=3) as stage:
        await stage.start_bot()
        pictures, returns, jobs, room = await usage(stage.person())
        assert pictures == "**Pictures** ▱▱▱▱▱▱▱▱▱▱▱▱ 0 of 20 used in the last 24 h"
        assert returns == str(Text("usage.unused"))
        assert jobs == "**Requests under way** ▱▱▱▱▱▱▱▱▱▱▱▱ 0 of at most 3"
        assert room == str(Text("usage.room"))


async def test_used_pictures_are_counted_and_come_back_one_job_after_the_other(tmp_path: Path) -> None:
    async with open_stage(tmp_path, user_images_per_window=4, user_window_hours=1) as stage:
        await stage.start_bot()
        ada = stage.person()
        first = await painted(stage, ada, count=2)
        pictures, returns, *_ = await usage(ada)
        assert pictures == "**Pictures** ▰▰▰▰▰▰▱▱▱▱▱▱ 2 of 4 used in the last 1 h"
        assert returns == f"-# Used pictures come back <t:{first}:R> (<t:{first}:f>)."
        stage.clock.advance(100)
        second = await painted(stage, ada, count=1)
        pictures, returns, _, room = await usage(ada)
        assert "3 of 4" in pictures
        assert room == str(Text("usage.room"))
        assert f"The next comes back <t:{first}:R>" in returns
        assert f"the last of them <t:{second}:R>" in returns
        stage.clock.advance(first - stage.clock.now())
        assert "1 of 4" in (await usage(ada))[0]
        stage.clock.advance(second - stage.clock.now())
        assert (await usage(ada))[1] == str(Text("usage.unused"))


async def test_whoever_has_used_everything_is_not_told_that_there_is_room(tmp_path: Path) -> None:
    async with open_stage(tmp_path, user_images_per_window=2, user_window_hours=1) as stage:
        await stage.start_bot()
        ada, bob = stage.person("ada"), stage.person("bob")
        await painted(stage, ada, count=2)
        assert str(Text("usage.room")) not in await usage(ada)
        assert (await usage(bob))[3] == str(Text("usage.room"))


async def test_a_request_under_way_is_counted_until_it_is_done(tmp_path: Path) -> None:
    async with open_stage(tmp_path, user_jobs_in_flight=3) as stage:
        await stage.start_bot()
        stage.gateway.next_task(seconds=20.0)
        ada = stage.person()
        await ada.command("imagine", prompt="a lighthouse")
        await stage.submitted()
        assert (await usage(ada))[2] == "**Requests under way** ▰▰▰▰▱▱▱▱▱▱▱▱ 1 of at most 3"
        job = await stage.newest_job()
        stage.clock.advance(30)
        await stage.tidied(job)
        assert "0 of at most 3" in (await usage(ada))[2]


async def test_a_failed_request_is_not_counted(stage: Stage) -> None:
    stage.gateway.next_task(ending="failed", error={"code": "generation_failed", "message": "no paint left"})
    ada = stage.person()
    await painted(stage, ada, count=1)
    assert " 0 of 1000" in (await usage(ada))[0]


async def test_of_everyone_together_only_whether_there_is_room_is_told(tmp_path: Path) -> None:
    async with open_stage(tmp_path, bot_images_per_day=3) as stage:
        await stage.start_bot()
        ada, bob = stage.person("ada"), stage.person("bob")
        await painted(stage, ada, count=2)
        assert (await usage(bob))[3] == str(Text("usage.room"))
        await painted(stage, ada, count=1)
        pictures, *_, room = await usage(bob)
        assert " 0 of 1000" in pictures
        assert room == str(Text("usage.no_room"))


async def test_no_room_is_told_while_everyone_s_tasks_are_under_way(tmp_path: Path) -> None:
    async with open_stage(tmp_path, bot_tasks_in_flight=1) as stage:
        await stage.start_bot()
        stage.gateway.next_task(seconds=20.0)
        await stage.person("ada").command("imagine", prompt="a lighthouse")
        await stage.submitted()
        bob = stage.person("bob")
        assert (await usage(bob))[3] == str(Text("usage.no_room"))
        job = await stage.newest_job()
        stage.clock.advance(30)
        await stage.tidied(job)
        assert (await usage(bob))[3] == str(Text("usage.room"))


async def test_figures_are_the_same_after_a_restart_and_nobody_else_sees_them(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    await painted(stage, ada, count=2)
    before = await usage(ada)
    await stage.stop_bot()
    await stage.start_bot()
    assert await usage(ada) == before
    assert not any(" 2 of 1000" in message.content for message in bob.sees())
    assert len(stage.asked("POST", MESSAGES)) == 1


async def test_a_database_that_fails_is_told_in_a_sentence(stage: Stage) -> None:
    stage.break_database()
    assert await usage(stage.person()) == [str(Text("internal"))]


async def test_while_nothing_is_taken_the_reason_is_told(stage: Stage) -> None:
    stage.gateway.balance.credit = 0.0
    ada = stage.person()
    await painted(stage, ada, count=1)
    assert (await usage(ada))[3] == str(Text("gateway.out_of_balance"))
