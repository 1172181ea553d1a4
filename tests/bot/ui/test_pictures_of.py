"""The pictures of a message, as references."""

from dataclasses import replace
from typing import Any

import pytest

from bot.jobs.job import Job, Task, TaskState
from bot.ui.pictures import is_spoiler, job_named_in, pictures_of
from tests import samples
from tests.clocks import START
from tests.messages import BOT_ID, file, media, message, snapshot

DAY = 86_400.0
LINK = {"type": 2, "style": 5, "label": "Go", "url": "https://a.example"}


def painted(count: int = 2, *, until: float | None = START + DAY, resolution: str | None = None) -> Job:
    job = samples.job(resolution=resolution)
    urls = tuple(f"https://files.example/{number}.png" for number in range(1, count + 1))
    task = Task(
        id=f"{job.id}-1",
        job_id=job.id,
        position=0,
        state=TaskState.COMPLETED,
        wanted=count,
        pictures=count,
        result_urls=urls,
        result_expires_at=until,
        finished_at=START,
    )
    return replace(job, tasks=(task,))


def gallery(*shown: dict[str, Any], **changes: object) -> dict[str, Any]:
    items = [{"media": each, "description": None, "spoiler": False, **changes} for each in shown]
    return {"type": 12, "id": 1, "items": items}


def test_attachments_are_named_in_order_and_other_files_left_out() -> None:
    said = message(attachments=[file("a.png"), file("notes.txt", "text/plain"), file("b.jpg", "image/jpeg")])
    found = pictures_of(said, None, START)
    assert [(each.position, each.name, each.filename) for each in found] == [
        (0, "image1", "a.png"),
        (1, "image2", "b.jpg"),
    ]
    assert found[0].source_url == "https://cdn.example/1/2/a.png"
    assert (found[0].width, found[0].height, found[0].size) == (640, 480, 1000)
    assert found[0].uploaded_url is None


@pytest.mark.parametrize("kind", [None, "application/octet-stream"])
def test_a_file_whose_kind_discord_does_not_know_may_be_a_picture(kind: str | None) -> None:
    (found,) = pictures_of(message(attachments=[file("photo", kind)]), None, START)
    assert found.filename == "photo"


def test_what_components_show_is_taken_from_discords_copy() -> None:
    components = [
        {"type": 17, "id": 1, "components": [gallery(media("a.png"), media("b.png"))]},
        {
            "type": 9,
            "id": 2,
            "components": [{"type": 10, "id": 3, "content": "words"}],
            "accessory": {"type": 11, "id": 4, "media": media("c.png"), "description": None, "spoiler": False},
        },
    ]
    found = pictures_of(message(BOT_ID, components=components, flags=1 << 15), None, START)
    assert [each.source_url for each in found] == [f"https://media.example/9/{name}.png" for name in "abc"]
    assert [each.name for each in found] == ["image1", "image2", "image3"]


def test_what_embeds_show_counts_too() -> None:
    shown = {
        "url": "https://anybody.example/x.png",
        "proxy_url": "https://media.example/x.png",
        "width": 5,
        "height": 4,
    }
    found = pictures_of(
        message(embeds=[{"type": "rich", "image": shown}, {"type": "image", "thumbnail": shown}]), None, 0
    )
    assert [each.source_url for each in found] == ["https://media.example/x.png"] * 2
    assert (found[0].width, found[0].height) == (5, 4)


def forwarded(*attachments: dict[str, Any], **shown: Any) -> Any:
    return message(message_snapshots=[snapshot(*attachments, **shown)])


def test_what_is_forwarded_is_found_in_the_copy_that_comes_along() -> None:
    said = forwarded(file("a.png"), components=[gallery(media("b.png"))])
    assert [(each.name, each.filename) for each in pictures_of(said, None, START)] == [
        ("image1", "a.png"),
        ("image2", "b.png"),
    ]
    assert not is_spoiler(said)


@pytest.mark.parametrize(
    "said",
    [
        forwarded(file("a.png", flags=1 << 3)),
        forwarded(file("SPOILER_a.png")),
        forwarded(components=[gallery(media("a.png"), spoiler=True)]),
    ],
)
def test_what_is_forwarded_hidden_stays_hidden(said: Any) -> None:
    assert is_spoiler(said)


def test_a_message_of_words_has_none() -> None:
    assert pictures_of(message(content="words", embeds=[{"type": "rich", "title": "words"}]), None, START) == ()


def outcome_of(job: Job, *numbers: int, prefix: str = "", suffix: str = "png") -> Any:
    return message(BOT_ID, attachments=[file(f"{prefix}easel-{job.id}-{number}.{suffix}") for number in numbers])


def test_own_pictures_are_referenced_by_their_originals_while_those_live() -> None:
    job = painted()
    found = pictures_of(outcome_of(job, 1, 2, suffix="jpg"), job, START)
    assert [each.uploaded_url for each in found] == ["https://files.example/1.png", "https://files.example/2.png"]
    assert [each.uploaded_until for each in found] == [START + DAY] * 2
    assert found[0].source_url.startswith("https://cdn.example/"), "the posted copy stays known"


def test_a_picture_is_known_by_its_number_wherever_it_stands() -> None:
    job = painted(3)
    found = pictures_of(outcome_of(job, 3, 1), job, START)
    assert [each.uploaded_url for each in found] == ["https://files.example/3.png", "https://files.example/1.png"]


def test_a_spoiler_is_known_too() -> None:
    job = painted()
    (found,) = pictures_of(outcome_of(job, 1, prefix="SPOILER_"), job, START)
    assert found.uploaded_url == "https://files.example/1.png"


@pytest.mark.parametrize("later", [DAY - 60, DAY, DAY + 60])
def test_an_original_that_ends_soon_or_has_ended_is_left_for_the_posted_copy(later: float) -> None:
    job = painted()
    (found,) = pictures_of(outcome_of(job, 1), job, START + later)
    assert found.uploaded_url is None
    assert found.source_url.startswith("https://cdn.example/")


def test_where_the_gateway_does_not_say_a_day_is_assumed() -> None:
    job = painted(until=None)
    assert pictures_of(outcome_of(job, 1), job, START)[0].uploaded_until == START + DAY


@pytest.mark.parametrize("number", [0, 3, 99])
def test_a_number_that_the_job_never_had_leads_to_no_original(number: int) -> None:
    job = painted()
    (found,) = pictures_of(outcome_of(job, number), job, START)
    assert found.uploaded_url is None


def test_a_file_of_another_job_leads_to_no_original() -> None:
    other = replace(painted(), id="01hf7yat6zm6d4w3htsj")
    (found,) = pictures_of(outcome_of(other, 1), painted(), START)
    assert found.uploaded_url is None


def test_own_files_are_named_after_their_job() -> None:
    job = painted()
    assert job_named_in(outcome_of(job, 1)) == job.id
    assert job_named_in(outcome_of(job, 1, prefix="SPOILER_")) == job.id
    assert job_named_in(message(BOT_ID, attachments=[file("cat.png")])) is None
    assert job_named_in(message(BOT_ID)) is None


@pytest.mark.parametrize(
    ("changes", "hidden"),
    [
        ({"attachments": [file("a.png"), file("SPOILER_b.png")]}, True),
        ({"attachments": [file("a.png")]}, False),
        ({"components": [gallery(media(), spoiler=True)]}, True),
        ({"components": [gallery(media())]}, False),
        ({"components": [{"type": 17, "id": 1, "components": [gallery(media())], "spoiler": True}]}, True),
        ({"components": [{"type": 17, "id": 1, "components": [gallery(media(), spoiler=True)]}]}, True),
        (
            {
                "components": [
                    {
                        "type": 9,
                        "id": 2,
                        "components": [{"type": 10, "id": 3, "content": "words"}],
                        "accessory": {"type": 11, "id": 4, "media": media(), "description": None, "spoiler": True},
                    }
                ]
            },
            True,
        ),
        (
            {
                "components": [
                    {"type": 1, "components": [{"type": 2, "style": 5, "label": "Go", "url": "https://a.example"}]}
                ]
            },
            False,
        ),
    ],
)
def test_a_hidden_picture_is_known_wherever_it_is_shown(changes: dict[str, Any], hidden: bool) -> None:
    assert is_spoiler(message(BOT_ID, **changes)) is hidden
