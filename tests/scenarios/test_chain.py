"""Five edits by answering, by two people, with a restart in the middle, down to what the gateway was asked."""

from typing import Any

from bot.jobs.job import Job
from bot.jobs.order import Origin
from bot.sandbox.discord.people import Person, SeenMessage, Upload
from tests.stage import Stage
from tests.workshop import picture

SUBMIT = "/images/generations"
A_DAY_AND_MORE = 25 * 3600


async def step(stage: Stage, person: Person, words: str, onto: SeenMessage, **how: Any) -> tuple[SeenMessage, Job]:
    """Answer a picture with words. Returns the picture that comes of it, with its job."""
    asked = await person.says(words, reply_to=onto, **how)
    result = await person.waits_for(lambda seen: seen.reply_to == asked.id and seen.files)
    return result, await stage.tidied(await stage.job_of(result))


def last_submit(stage: Stage) -> dict[str, Any]:
    return dict(stage.record.matching("POST", SUBMIT)[-1].body)


async def test_a_chain_of_five_edits_by_two_people_goes_on_over_a_restart(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    await ada.command("imagine", prompt="a lighthouse", model="Nano Banana Pro", ratio="16:9", resolution="2K")
    first = await stage.result(ada)
    zero = await stage.tidied(await stage.job_of(first))

    # 1: the original is at the gateway, and nothing is uploaded
    second, one = await step(stage, ada, "make it night", first)
    assert last_submit(stage) == {
        **last_submit(stage),
        "model": "gemini-3-pro-image-preview",
        "prompt": "make it night",
        "size": "16:9",
        "image_urls": [zero.originals[0].url],
    }
    assert last_submit(stage)["metadata"]["resolution"] == "2K"
    assert not stage.gateway.uploads

    # 2: somebody else goes on, adds a picture of his own, and says what shape and size
    third, two = await step(
        stage, bob, "add this boat --1k --ratio 3:2", second, files=[Upload("boat.png", picture("red"))]
    )
    (boat,) = stage.gateway.uploads
    assert boat
    assert last_submit(stage)["image_urls"] == [one.originals[0].url, two.references[1].uploaded_url]
    assert last_submit(stage)["size"] == "3:2"
    assert last_submit(stage)["metadata"]["resolution"] == "1K"

    # 3: over a restart in the middle of painting
    stage.gateway.next_task(seconds=20.0)
    submitted = len(stage.gateway.tasks)
    asked = await ada.says("more waves", reply_to=third)
    await stage.passing(lambda: len(stage.gateway.tasks) > submitted)
    assert last_submit(stage)["image_urls"] == [two.originals[0].url]
    await stage.stop_bot()
    await stage.start_bot()
    await stage.passing(lambda: any(seen.reply_to == asked.id and seen.files for seen in ada.sees()))
    fourth = await ada.waits_for(lambda seen: seen.reply_to == asked.id and seen.files)
    three = await stage.tidied(await stage.job_of(fourth))

    # 4: a day later the originals are gone, and the copy in the channel is uploaded
    stage.clock.advance(A_DAY_AND_MORE)
    fifth, four = await step(stage, bob, "and a gull", fourth)
    (_, copy) = stage.gateway.uploads
    assert copy
    assert last_submit(stage)["image_urls"] == [four.references[0].uploaded_url]
    assert four.references[0].uploaded_url not in {original.url for original in three.originals}
    assert four.references[0].filename == fourth.files[0].filename

    # 5: and the newest one is at the gateway again
    last, five = await step(stage, ada, "in the rain --model nano banana 2", fifth)
    assert last_submit(stage)["image_urls"] == [four.originals[0].url]
    assert last_submit(stage)["model"] == "gemini-3.1-flash-image-preview"
    assert len(stage.gateway.uploads) == 2

    jobs = [zero, one, two, three, four, five]
    assert [job.parent for job in jobs[1:]] == [job.id for job in jobs[:-1]]
    assert [job.place.user_id for job in jobs[1:]] == [int(each.user.id) for each in (ada, bob, ada, bob, ada)]
    assert [job.place.origin for job in jobs] == [Origin.INTERACTION, *[Origin.MESSAGE] * 5]
    assert last.mentioned == (ada.user.id,)
    assert len([seen for seen in ada.sees() if seen.files and seen.author == stage.bot_name]) == 6
    assert len(ada.sees()) == 6 + 5, "every picture, every request, and no progress left behind"
    assert len(stage.gateway.tasks) == 6
