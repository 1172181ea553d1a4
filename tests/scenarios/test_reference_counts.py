"""As many pictures to work from as a model takes, and one more: from what a person does to what the gateway received.

A form has room for 14 files, those that it keeps included; and an answer to a result has ten beside its four at the
most. An answer to somebody's message may bring twenty, ten from there and ten of its own: the one way to too many for
the models that take 14.
"""

import io
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from PIL import Image

from bot.errors import Refusal
from bot.jobs.order import Order
from bot.sandbox.discord.people import InteractionHandle, NotPossible, Person, Upload
from bot.sandbox.toapis import Task, ToapisServer
from bot.texts import Text
from bot.toapis.schema import ImageRequest
from tests.contracts import CONTRACTS, Contract
from tests.forms import MODEL, OTHER_PICTURES, PICTURES, PROMPT, hint, modal_of, opened, reopened
from tests.messages import answered
from tests.orders import place
from tests.stage import Stage
from tests.workshop import open_workshop, picture

KeepsTen: TypeAlias = Callable[[Stage, Person], Awaitable[InteractionHandle]]


def models(*contracts: Contract) -> pytest.MarkDecorator:
    """For each of these models, by default for the first."""
    first, *others = contracts
    return pytest.mark.parametrize(
        "contract",
        [first, *(pytest.param(each, marks=pytest.mark.exhaustive) for each in others)],
        ids=lambda contract: contract.name,
    )


EVERY_MODEL = models(*CONTRACTS)
OF_FOURTEEN = models(*(each for each in CONTRACTS if each.references == 14))
OF_FEWER = models(*(each for each in CONTRACTS if each.references < 14))


def shade(number: int) -> bytes:
    """A picture that is told from the others by its red, of which PNG loses nothing."""
    return picture(f"rgb({number * 9}, 0, 0)")


def shades(count: int, start: int = 0) -> list[Upload]:
    return [Upload(f"{number}.png", shade(number)) for number in range(start, start + count)]


def numbers(gateway: ToapisServer, urls: Sequence[str]) -> list[int]:
    """Which of the shades were uploaded under these addresses."""
    by_url = {upload.url: upload.data for upload in gateway.uploads}
    pixels = [Image.open(io.BytesIO(by_url[url])).convert("RGB").getpixel((0, 0)) for url in urls]
    return [pixel[0] // 9 if isinstance(pixel, tuple) else -1 for pixel in pixels]


def require_body(task: Task, contract: Contract, **more: object) -> None:
    """See that nothing else was sent than the model, "a fox" and pictures whose shape is 4:3."""
    assert task.request.body == {
        "model": contract.id,
        "prompt": "a fox",
        "n": 1,
        "size": "4:3",
        "image_urls": list(task.request.image_urls),
        "client_business_id": task.request.business_id,
        **more,
    }


def chosen(contract: Contract) -> tuple[str, Mapping[str, Any]]:
    """The model at 1K, as it is called in a form, and the metadata that come of it."""
    if not contract.resolutions:
        return contract.name, {}
    return f"{contract.name} · 1K", {"metadata": {"resolution": "1K"}}


async def require_free(stage: Stage, person: Person) -> None:
    """See that nothing was fetched, uploaded, painted or charged."""
    await stage.settled()
    assert stage.record.matching(service="cdn") == ()
    assert stage.gateway.uploads == ()
    assert stage.gateway.tasks == ()
    assert (await stage.services.engine.usage(int(person.user.id))).images == 0


# Orders


@EVERY_MODEL
async def test_as_many_references_as_the_model_takes_reach_the_gateway_and_one_more_is_refused(
    tmp_path: Path, contract: Contract
) -> None:
    async with open_workshop(tmp_path) as workshop:
        files = [
            workshop.files.reference(number, shade(number), f"{number}.png")
            for number in range(contract.references + 1)
        ]
        request = ImageRequest(model=contract.id, prompt="a fox")
        engine = workshop.services.engine
        with pytest.raises(Refusal) as refusal:
            await engine.accept(Order(place=place(), request=request, references=tuple(files)))
        reason = f"{contract.name} takes at most {contract.references} reference pictures"
        assert str(refusal.value.texts[0]).startswith(f"{reason}; the request has {contract.references + 1}.")
        job = (await engine.accept(Order(place=place(), request=request, references=tuple(files[:-1])))).job
        await workshop.ended(job)
        (task,) = workshop.gateway.tasks
        assert numbers(workshop.gateway, task.request.image_urls) == [*range(contract.references)]
        require_body(task, contract)


# Forms


@EVERY_MODEL
async def test_as_many_references_as_the_model_takes_go_from_the_form_to_the_gateway(
    stage: Stage, contract: Contract
) -> None:
    ada = stage.person()
    files = shades(contract.references)
    model, metadata = chosen(contract)
    await ada.submits(
        await opened(ada), {PROMPT: "a fox", MODEL: model, PICTURES: files[:10], OTHER_PICTURES: files[10:]}
    )
    await stage.result(ada)
    (task,) = stage.gateway.tasks
    assert numbers(stage.gateway, task.request.image_urls) == [*range(contract.references)]
    require_body(task, contract, **metadata)


@OF_FEWER
async def test_one_reference_more_in_the_form_is_refused_and_nothing_is_sent(stage: Stage, contract: Contract) -> None:
    ada = stage.person()
    answers = {PROMPT: "a fox", MODEL: contract.name, PICTURES: shades(contract.references + 1)}
    answer = await (await ada.submits(await opened(ada), answers)).answer()
    assert answer.ephemeral
    assert f"takes at most {contract.references} reference pictures" in answer.content
    await require_free(stage, ada)


async def kept_by_menu(stage: Stage, person: Person) -> InteractionHandle:
    """A form that keeps the ten pictures of somebody's message."""
    message = await stage.person("bob").says("look", files=shades(10))
    form = await person.uses(str(Text("menu.edit")), message)
    await form.opened_modal()
    return form


async def kept_by_refusal(stage: Stage, person: Person) -> InteractionHandle:
    """A form that keeps the ten pictures of another form, which was refused."""
    answers = {PROMPT: "x" * 1001, MODEL: "Nano Banana Pro · 1K", PICTURES: shades(10)}
    form = await reopened(person, await (await person.submits(await opened(person), answers)).answer())
    await require_free(stage, person)
    return form


@OF_FOURTEEN
@pytest.mark.parametrize("keep", [kept_by_menu, kept_by_refusal])
async def test_a_form_that_keeps_ten_takes_four_more_to_the_gateway_and_no_fifth(
    stage: Stage, contract: Contract, keep: KeepsTen
) -> None:
    ada = stage.person()
    form = await keep(stage, ada)
    model, metadata = chosen(contract)
    with pytest.raises(NotPossible):
        await ada.submits(form, {PROMPT: "a fox", MODEL: model, PICTURES: shades(5, start=10)})
    await require_free(stage, ada)
    await ada.submits(form, {PROMPT: "a fox", MODEL: model, PICTURES: shades(4, start=10)})
    await stage.result(ada)
    (task,) = stage.gateway.tasks
    assert numbers(stage.gateway, task.request.image_urls) == [*range(14)]
    require_body(task, contract, **metadata)


async def test_an_empty_form_has_room_for_fourteen_and_no_more(stage: Stage) -> None:
    ada = stage.person()
    form = await opened(ada)
    for files in ({PICTURES: shades(11)}, {PICTURES: shades(10), OTHER_PICTURES: shades(5)}):
        with pytest.raises(NotPossible):
            await ada.submits(form, {PROMPT: "a fox", **files})
    await require_free(stage, ada)


# Answers in words


@OF_FOURTEEN
async def test_an_answer_to_a_result_of_four_pictures_takes_ten_more_to_the_gateway(
    stage: Stage, contract: Contract
) -> None:
    ada = stage.person()
    await ada.command("imagine", prompt="a fox", model=contract.id, ratio="4:3", count=4)
    first = await stage.result(ada)
    job = await stage.tidied(await stage.job_of(first))
    asked = await ada.says("a fox", reply_to=first, files=shades(10))
    await stage.result(ada, after=asked)
    *_, task = stage.gateway.tasks
    own, attached = task.request.image_urls[:4], task.request.image_urls[4:]
    assert list(own) == [original.url for original in job.originals]
    assert numbers(stage.gateway, attached) == [*range(10)]
    require_body(task, contract)


@OF_FOURTEEN
@pytest.mark.parametrize("direct", [False, True], ids=["in the channel", "in a direct message"])
async def test_fourteen_of_an_answer_and_what_it_answers_reach_the_gateway_and_fifteen_are_refused(
    stage: Stage, contract: Contract, *, direct: bool
) -> None:
    ada = stage.stranger() if direct else stage.person()
    mention = "" if direct else f"{stage.mention} "
    brought = await ada.says(mention, files=shades(5))
    words = f"{mention}a fox --model {contract.id}"
    refusal = await answered(stage, ada, await ada.says(words, reply_to=brought, files=shades(10, start=5)))
    reason = f"{contract.name} takes at most 14 reference pictures; the request has 15."
    assert refusal.content.replace("\\", "").startswith(reason)
    await require_free(stage, ada)

    asked = await ada.says(words, reply_to=brought, files=shades(9, start=5))
    await stage.result(ada, after=asked)
    (task,) = stage.gateway.tasks
    assert numbers(stage.gateway, task.request.image_urls) == [*range(14)]
    require_body(task, contract)


@OF_FOURTEEN
async def test_of_twenty_that_were_refused_the_form_keeps_the_first_fourteen(stage: Stage, contract: Contract) -> None:
    ada = stage.person()
    brought = await ada.says(stage.mention, files=shades(10))
    words = f"{stage.mention} a fox --model {contract.id}"
    refusal = await answered(stage, ada, await ada.says(words, reply_to=brought, files=shades(10, start=10)))
    assert "takes at most 14 reference pictures; the request has 20." in refusal.content
    form = await reopened(ada, refusal)
    assert hint(modal_of(form), OTHER_PICTURES).startswith("14 pictures kept")
    await require_free(stage, ada)
    await ada.submits(form, {})
    await stage.result(ada, after=refusal)
    (task,) = stage.gateway.tasks
    assert numbers(stage.gateway, task.request.image_urls) == [*range(14)]
    require_body(task, contract, **chosen(contract)[1])
