from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.jobs.job import Task, TaskState
from bot.jobs.order import Reference, Role
from bot.jobs.outcome import Outcome, Phase, Picture, Progress
from bot.texts import ENGLISH, Text
from bot.toapis.schema import ImageRequest
from bot.ui import render
from bot.ui.inert import length
from tests.samples import NASTY, job, pictures, references

FULL = Outcome(
    pictures=(Picture(data=b"", filename="a.png", width=1, height=1),), missing=0, failure=None, seconds=12.4
)


def test_an_outcome_names_its_owner_the_prompt_and_the_facts() -> None:
    shown = render.outcome(job(size="16:9", resolution="2K"), FULL)
    assert shown == "<@42>\n> a lighthouse\n-# Nano Banana 2 · 16:9 · 2K · 12 s"


def test_several_pictures_are_counted_and_long_times_told_in_minutes() -> None:
    shown = render.outcome(job(count=3), replace(FULL, pictures=pictures(3), seconds=125.2))
    assert shown.splitlines()[-1] == "-# Nano Banana 2 · 3 pictures · 2 min 5 s"


def test_references_are_counted_and_auto_shows_the_ratio_that_it_became() -> None:
    reference = Reference(position=0, name="image1", source_url="u", filename="f", size=1, width=1600, height=900)
    one = replace(job(), references=(reference,))
    assert render.outcome(one, FULL).splitlines()[-1] == "-# Nano Banana 2 · 16:9 · from 1 picture · 12 s"
    mask = replace(reference, position=2, role=Role.MASK)
    two = replace(job(size="1:1"), references=(reference, replace(reference, position=1), mask))
    assert render.outcome(two, FULL).splitlines()[-1] == "-# Nano Banana 2 · 1:1 · from 2 pictures · 12 s"


def test_missing_pictures_are_told_with_the_reason() -> None:
    reason = Text("gateway.content_refused")
    shown = render.outcome(job(count=4), replace(FULL, pictures=pictures(1), missing=3, failure=reason))
    assert f"-# 3 pictures are missing.\n-# {reason}" in shown


def test_one_missing_picture_is_told_in_the_singular() -> None:
    shown = render.outcome(job(count=2), replace(FULL, missing=1, failure=Text("gateway.no_picture")))
    assert "One picture is missing" in shown


def test_smaller_copies_are_told() -> None:
    assert "Made smaller" in render.outcome(job(), replace(FULL, pictures=pictures(1, reduced=True)))
    assert "Made smaller" not in render.outcome(job(), FULL)


def test_smaller_copies_point_to_the_originals() -> None:
    assert "“Full size”" in render.outcome(job(), replace(FULL, pictures=pictures(1, reduced=True)))


def test_references_that_were_made_smaller_are_named() -> None:
    asked = replace(job(), references=references(3))
    one, both = (
        replace(asked, references=tuple(replace(r, reduced=r.name in names) for r in asked.references))
        for names in ({"image2"}, {"image2", "image3"})
    )
    small_print = "-# image2 was larger than the image service takes and was made smaller first."
    assert render.outcome(one, FULL).splitlines()[-1] == small_print
    small_print = "-# image2, image3 were larger than the image service takes and were made smaller first."
    assert render.outcome(both, FULL).splitlines()[-1] == small_print
    assert "smaller" not in render.outcome(asked, FULL)


def test_a_failure_says_why_instead_of_facts() -> None:
    failure = Outcome(pictures=(), missing=1, failure=Text("gateway.content_refused"), seconds=3.0)
    shown = render.outcome(job(), failure)
    assert "content rules" in shown
    assert "> a lighthouse" in shown
    assert "-#" not in shown


def test_what_the_gateway_says_cannot_format_ping_or_link() -> None:
    reason = Text("gateway.failed", {"reason": "**see** https://evil.example <@7>\n# sorry"})
    shown = render.sentence(reason)
    assert "**" not in shown
    assert "https://" not in shown
    assert "\n" not in shown
    assert "\\<\\@7\\>" in shown


def test_times_that_discord_shows_in_everyones_own_zone_stay_markup() -> None:
    text = Text("limits.user", {"used": 1, "limit": 2, "hours": 24, "count": 1, "again_at": 1_700_000_000})
    assert "<t:1700000000:R>" in render.sentence(text)


def test_one_problem_is_a_sentence_and_several_are_a_list() -> None:
    empty, range_ = Text("check.prompt_empty"), Text("check.count_range", {"count": 9, "limit": 4})
    assert render.problems([empty]) == str(empty)
    assert render.problems([empty, range_]).splitlines()[1:] == [f"- {empty}", f"- {range_}"]


def test_more_problems_than_fit_are_counted() -> None:
    texts = [Text("gateway.rejected", {"reason": "*" * 300})] * 30
    shown = render.problems(texts)
    assert length(shown) <= render.MAX_CONTENT
    told = shown.count("\n- ")
    assert shown.endswith(f"… and {30 - told} more.")


def test_problems_leave_room_for_what_is_said_after_them() -> None:
    texts = [Text("gateway.rejected", {"reason": "x" * 300})] * 30
    assert 1000 < length(render.problems(texts, 1500)) <= 1500


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (None, "40 %"),
        (0.3, "any moment now"),
        (3.2, "about 4 s left"),
        (12.0, "about 10 s left"),
        (43.0, "about 45 s left"),
        (89.9, "about 90 s left"),
        (119.0, "about 2 min left"),
    ],
)
def test_an_estimate_is_as_exact_as_it_is_honest(left: float | None, words: str) -> None:
    shown = render.progress(job(), Progress(phase=Phase.PAINTING, total=1, fraction=0.4, seconds_left=left))
    assert shown.splitlines()[1].endswith(words)


@pytest.mark.parametrize("fraction", [-1.0, 0.0, 0.5, 0.999, 1.0, 7.0])
def test_the_bar_keeps_its_length(fraction: float) -> None:
    shown = render.progress(job(), Progress(phase=Phase.PAINTING, fraction=fraction))
    assert shown.count("▰") + shown.count("▱") == 12


def test_a_bar_is_full_only_when_all_is_done() -> None:
    shown = render.progress(job(), Progress(phase=Phase.PAINTING, fraction=0.999))
    assert "▱" in shown
    assert "99 %" in shown


def test_each_phase_is_told_apart() -> None:
    shown = {render.progress(job(), Progress(phase=phase, done=1, total=2)) for phase in Phase}
    assert len(shown) == len(Phase)


def test_pictures_are_described_one_by_one() -> None:
    assert render.alt_text(job().request, 1, 1) == "Nano Banana 2: a lighthouse"
    assert render.alt_text(job().request, 2, 3) == "Nano Banana 2, picture 2 of 3: a lighthouse"


def test_a_model_that_is_no_longer_in_the_catalogue_has_its_id_for_a_name() -> None:
    assert render.model_name(ImageRequest(model="gemini-9", prompt="x")) == "gemini-9"


@pytest.mark.parametrize("key", sorted(ENGLISH))
def test_every_sentence_fits_a_message_with_the_longest_values(key: str) -> None:
    values = dict.fromkeys(_names(key), "*" * 5000)
    assert length(render.sentence(Text(key, values))) <= render.MAX_CONTENT


def _names(key: str) -> set[str]:
    names: set[str] = set()

    class Spy(dict[str, str]):
        def __missing__(self, name: str) -> str:
            names.add(name)
            return "0"

    ENGLISH[key].format_map(Spy())
    return names


@settings(deadline=None)  # a busy machine is no failure
@given(prompt=NASTY, reason=NASTY, count=st.integers(1, 4))
def test_whatever_is_typed_every_message_keeps_its_lines_and_its_limits(prompt: str, reason: str, count: int) -> None:
    asked = job(prompt, size="16:9", resolution="4K", count=count)
    asked = replace(asked, references=references(14, name=reason, reduced=True))
    why = Text("gateway.failed", {"reason": reason})
    partly = Outcome(pictures=pictures(count, reduced=True), missing=3, failure=why, seconds=3599.0)
    failed = Outcome(pictures=(), missing=count, failure=why, seconds=1.0)
    progress = Progress(phase=Phase.PAINTING, done=1, total=4, fraction=0.5, seconds_left=500)
    for shown, lines in (
        (render.outcome(asked, partly), 7),
        (render.outcome(asked, failed), 2),
        (render.progress(asked, progress), 3),
    ):
        assert length(shown) <= render.MAX_CONTENT
        assert len(shown.split("\n")) == lines
    assert 0 < length(render.alt_text(asked.request, 4, 4)) <= render.MAX_DESCRIPTION


def test_the_longest_prompt_fits_everywhere() -> None:
    for letter in ("*", "😀", "\u0301", "a"):
        asked = job(letter * 6000)
        assert length(render.outcome(asked, FULL)) <= render.MAX_CONTENT
        assert length(render.alt_text(asked.request, 1, 1)) <= render.MAX_DESCRIPTION
        assert length(render.progress(asked, Progress(phase=Phase.WAITING))) <= render.MAX_CONTENT


@pytest.mark.parametrize(
    ("count", "said"), [(1, "The picture had"), (2, "Both pictures had"), (4, "All 4 pictures had")]
)
def test_everything_that_was_sent_before_the_cancelling_is_counted_in_words(count: int, said: str) -> None:
    cancelled = job(count=count)
    task = Task(
        id=f"{cancelled.id}-1",
        job_id=cancelled.id,
        position=0,
        state=TaskState.RUNNING,
        wanted=count,
        pictures=count,
        submits=1,
    )
    assert said in render.cancelled(replace(cancelled, tasks=(task,)))
