from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.jobs.job import Job, new_job_id
from bot.jobs.order import Reference, Role
from bot.jobs.records import Charge, Event, Lineage
from bot.texts import Text
from bot.toapis.flags import read_list
from bot.ui.details import Account, details, imagine_command, may_see
from bot.ui.inert import length
from bot.ui.render import MAX_CONTENT
from tests.clocks import START
from tests.orders import NANO_BANANA_PRO
from tests.samples import NASTY, job

NOTHING = Account(lineage=Lineage(ancestors=(), complete=True), charges=(), counted=1)
PICTURE = Reference(position=0, name="image1", source_url="u", filename="f", size=1, width=1600, height=900)
OWNER = 42


def shown(of: Job, account: Account = NOTHING, viewer_id: int = OWNER) -> str:
    return details(of, account, viewer_id).content


def descended(*ancestors: Job, complete: bool = True) -> Account:
    return replace(NOTHING, lineage=Lineage(ancestors=ancestors, complete=complete))


def ancestor(prompt: str = "before", **place: object) -> Job:
    old = job(prompt)
    place = {"guild_id": 2, "channel_id": 3, **place}
    return replace(
        old, id=new_job_id(START - 60), message_id=9, message_channel_id=3, place=replace(old.place, **place)
    )


def test_every_line_of_a_simple_request() -> None:
    done = replace(job(size="16:9", resolution="2K", count=2), finished_at=START + 12.4)
    charges = (
        Charge(at=START, event=Event.ACCEPTED, pictures=2),
        Charge(at=START, event=Event.REFUNDED, pictures=1),
        Charge(at=START, event=Event.UNCLEAR, pictures=3),
    )
    assert shown(done, replace(NOTHING, charges=charges)).splitlines() == [
        "### Image details",
        "> a lighthouse",
        "**Model:** Nano Banana 2",
        "**Ratio:** 16:9",
        "**Resolution:** 2K",
        "**Pictures asked for:** 2",
        f"**Asked for by** <@42>, <t:{int(START)}:f>",
        "**Took:** 12 s",
        "**Counts against the allowance:** 1 of 2",
        "**Charged by the image service:** 2",
        "**Given back by the image service:** 1",
        "**Perhaps charged by the image service:** 3",
        "**The same again**, to copy:",
        "```",
        "/imagine prompt:a lighthouse model:Nano Banana 2 ratio:16:9 resolution:2K count:2",
        "```",
    ]


def test_what_was_left_open_is_told_as_such_and_settled_in_the_command() -> None:
    told = shown(job())
    assert "**Ratio:** left to the model" in told
    assert "**Resolution:** 1K, the model's default" in told
    assert "ratio:auto resolution:1K count:1" in told
    assert "Took" not in told


def test_auto_names_what_it_became() -> None:
    assert "**Ratio:** Auto, which became 16:9" in shown(replace(job(), references=(PICTURE,)))


def test_a_model_without_resolutions_has_none() -> None:
    told = shown(job(model="gemini-2.5-flash-image-official"))
    assert "resolution" not in told.lower()


def test_references_and_a_mask_are_counted_and_asked_for_again() -> None:
    mask = replace(PICTURE, position=1, role=Role.MASK)
    told = shown(replace(job(model=NANO_BANANA_PRO), references=(PICTURE, mask)))
    assert "**Reference pictures:** 1, and a mask" in told
    assert told.endswith(str(Text("details.command_pictures")))
    assert "**Reference pictures:** 1\n" in shown(replace(job(), references=(PICTURE,)))


def test_more_parameters_are_words_that_easel_reads_back() -> None:
    options = {"google_search": True, "google_image_search": True}
    asked = job(options=options)
    assert "**More:** search, image search" in shown(asked)
    assert read_list(imagine_command(asked).partition("more:")[2]).options == options


def test_private_and_spoiler_are_in_the_command() -> None:
    hidden = job()
    hidden = replace(hidden, spoiler=True, place=replace(hidden.place, private=True))
    assert imagine_command(hidden).endswith("count:1 private:True spoiler:True")


def test_long_times_are_told_in_minutes_and_failures_with_their_reason() -> None:
    failed = replace(job(), finished_at=START + 125, failure=Text("gateway.content_refused"))
    assert "**Took:** 2 min 5 s" in shown(failed)
    assert f"**Failed**\n{Text('gateway.content_refused')}" in shown(failed)


@pytest.mark.parametrize("prompt", ["x" * 6000, "two\nlines", "a ``` fence", "bidi \u202e", " spaces  within "])
def test_what_a_message_cannot_hold_exactly_is_in_a_file(prompt: str) -> None:
    asked = details(job(prompt), NOTHING, OWNER)
    assert asked.file is not None
    assert prompt in asked.file
    assert imagine_command(job(prompt)) in asked.file
    assert "```" not in asked.content
    assert str(Text("details.in_file")) in asked.content


def test_markup_in_a_prompt_stays_words() -> None:
    told = shown(job("**bold** <@7> `code` [link](https://evil.example)"))
    assert "> \\*\\*bold\\*\\* \\<\\@7\\> \\`code\\`" in told
    assert "prompt:**bold** <@7> `code` [link](https://evil.example) model:" in told


def test_what_it_goes_on_from_is_told_oldest_first_with_links() -> None:
    first, second = ancestor("first"), replace(ancestor("second"), deleted_at=START)
    lines = shown(job(), descended(first, second)).splitlines()
    begin = lines.index(str(Text("details.lineage")))
    at = int(START)
    assert lines[begin + 1] == f"- <t:{at}:d> first https://discord.com/channels/2/3/9"
    assert lines[begin + 2] == f"- <t:{at}:d> second"


def test_an_outcome_in_a_direct_message_is_linked_there() -> None:
    assert "/channels/@me/77/9" in shown(job(), descended(replace(ancestor(), message_channel_id=77)))
    assert "/channels/@me/3/9" in shown(job(), descended(ancestor(guild_id=None)))


@pytest.mark.parametrize("place", [{"private": True}, {"channel_id": 4}])
def test_what_others_asked_elsewhere_or_privately_stays_theirs(place: dict[str, object]) -> None:
    secret = ancestor("a secret", user_id=7, **place)
    told = shown(job(), descended(secret))
    assert "a secret" not in told
    assert "a request from elsewhere" in told
    assert "discord.com" not in told
    assert "a secret" in shown(job(), descended(secret), viewer_id=7)


def test_of_a_long_chain_the_nearest_that_fit_are_told() -> None:
    ancestors = [ancestor(f"{number} " + "*" * 60) for number in range(30)]
    told = shown(job(), descended(*ancestors))
    assert length(told) <= MAX_CONTENT
    assert "- … and earlier ones" in told
    assert "29 " in told
    assert " 0 " not in told


def test_a_chain_of_which_more_is_there_says_so() -> None:
    assert "- … and earlier ones" in shown(job(), descended(ancestor(), complete=False))
    assert "earlier" not in shown(job(), descended(ancestor()))


def test_a_private_request_is_its_owners_alone() -> None:
    hidden = job()
    hidden = replace(hidden, place=replace(hidden.place, private=True))
    assert may_see(hidden, OWNER)
    assert not may_see(hidden, 7)
    assert may_see(job(), 7)


@settings(deadline=None)
@given(prompt=NASTY, reason=NASTY, earlier=NASTY, count=st.integers(0, 12))
def test_whatever_was_typed_the_details_fit_a_message(prompt: str, reason: str, earlier: str, count: int) -> None:
    failed = replace(job(prompt), failure=Text("gateway.failed", {"reason": reason}), references=(PICTURE,))
    told = details(failed, descended(*(ancestor(earlier) for _ in range(count)), complete=False), OWNER)
    assert length(told.content) <= MAX_CONTENT
    assert told.content.count("```") in {0, 2}
    assert told.file is None or prompt in told.file


@pytest.mark.parametrize("letter", ["*", "😀", "\u0301", "`", "a"])
def test_the_longest_prompt_fits(letter: str) -> None:
    told = details(job(letter * 6000), descended(*[ancestor(letter * 6000)] * 10), OWNER)
    assert length(told.content) <= MAX_CONTENT
    assert told.file is not None
    assert letter * 6000 in told.file
