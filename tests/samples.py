"""Jobs, pictures and prompts to draw."""

from dataclasses import replace

from hypothesis import strategies as st

from bot.jobs.job import Job, JobState, new_job_id
from bot.jobs.order import Reference
from bot.jobs.outcome import Picture
from bot.toapis.catalog import MODELS
from bot.toapis.schema import ImageRequest
from tests.clocks import START
from tests.orders import place

NASTY = st.text(
    alphabet=st.one_of(
        st.sampled_from("*_~`|<>@#[]():-+=\\ .1\n\t"),
        st.sampled_from("\u200b\u200d\u202e\u2066\u2069\ufeff\u0301\u0336\u2028😀👩é"),
        st.characters(),
    ),
    max_size=400,
)
"""Prompts of people who try."""


def job(prompt: str = "a lighthouse", **request: object) -> Job:
    wanted = replace(ImageRequest(model=MODELS[0].id, prompt=prompt), **request)
    return Job(
        id=new_job_id(START),
        state=JobState.PAINTING,
        created_at=START,
        place=place(user_id=42),
        request=wanted,
        references=(),
        tasks=(),
    )


def pictures(count: int, *, reduced: bool = False) -> tuple[Picture, ...]:
    return tuple(Picture(data=b"", filename=f"{n}.png", width=1, height=1, reduced=reduced) for n in range(count))


def references(count: int, **changes: object) -> tuple[Reference, ...]:
    """Pictures to work from, image1 and so on."""
    return tuple(
        replace(
            Reference(position=n, name=f"image{n}", source_url="https://cdn.example/1", filename="1.png", size=1),
            **changes,
        )
        for n in range(1, count + 1)
    )
