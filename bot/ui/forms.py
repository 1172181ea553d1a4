"""The form in which a request is composed: a prompt, model and resolution, a ratio, and pictures.

Source of the limits: Discord's API documentation, "Component Reference": a modal has at most 5 components, a title and
labels of at most 45 characters, descriptions of at most 100, texts of at most 4000, at most 10 files in one field.
Files cannot be filled in beforehand; what the draft keeps is told instead.
"""

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, TypeVar

import discord
from discord import ui

from bot.errors import DatabaseFailed, Refusal
from bot.jobs.drafts import Draft
from bot.jobs.order import Role, mask_among
from bot.texts import Text
from bot.toapis.catalog import BY_ID, MODELS, NANO_BANANA_2, Model
from bot.toapis.typed import AUTO
from bot.toapis.words import ratio_label
from bot.ui.failures import ALREADY_ACKNOWLEDGED
from bot.ui.inert import length
from bot.ui.interactions import services_of
from bot.ui.lost_pictures import without_lost
from bot.ui.places import Interaction

T = TypeVar("T")

_log = logging.getLogger(__name__)

PREFIX = "compose:"
"""What the custom_id of a form begins with; the draft's id follows."""

PROMPT, MODEL, RATIO, PICTURES, OTHER_PICTURES = "prompt", "model", "ratio", "pictures", "more"
"""The custom_ids of the fields. OTHER_PICTURES, the second one for files, replaces what is kept, where something is.

They stay as they are, so that a form that is open during an update is still read.
"""

MOST_PICTURES = max(model.references for model in MODELS)
LONGEST_PROMPT = 4000
_MOST_FILES = 10
_READ_WITHIN = 1.0  # seconds; with the next line this leaves time to open the form within 3
_KEEP_WITHIN = 1.0


def model_choices() -> Mapping[str, tuple[Model, str | None]]:
    """Every model with every resolution it has, by the value of that choice."""
    return {
        f"{model.id}/{resolution}" if resolution else model.id: (model, resolution)
        for model in MODELS
        for resolution in model.resolutions or (None,)
    }


def ratio_choices() -> Sequence[str]:
    """The ratios that any model has, in the order in which they are offered."""
    return list(dict.fromkeys(ratio for model in MODELS for ratio in model.ratios))


async def in_time(interaction: Interaction, reading: Coroutine[Any, Any, T]) -> T:
    """What a form must know before it is opened, which cannot be deferred.

    Raises:
        Refusal: it takes so long that the form would come too late.
    """
    clock = services_of(interaction).clock
    task = asyncio.create_task(reading, name=f"before-form-{interaction.id}")
    done = asyncio.Event()
    task.add_done_callback(lambda _: done.set())
    if not await clock.wait(done, clock.now() + _READ_WITHIN):
        task.cancel()
        raise Refusal(Text("form.busy"))
    return await task


async def open_form(interaction: Interaction, draft: Draft, *, left_out: int = 0, mask_lost: bool = False) -> None:
    """Answer with the form for a new draft, which is written down first, without the pictures that are gone.

    Args:
        interaction: a command or a click that nobody has answered yet. A form cannot be answered with a form.
        draft: with an id of its own, which no other form has.
        left_out: pictures that were found and are not in the draft, because there may be no more.
        mask_lost: whether there was a mask and it is not in the draft.

    Raises:
        DatabaseFailed: the draft could not be written; nothing was answered.
        discord.HTTPException: Discord does not take the form.
    """
    services = services_of(interaction)
    until = services.clock.now() + _KEEP_WITHIN
    had_mask = mask_among(draft.references) is not None
    draft = await without_lost(interaction, draft, until)
    mask_lost = mask_lost or (had_mask and mask_among(draft.references) is None)
    keeping = asyncio.create_task(services.drafts.keep(draft), name=f"draft {draft.id}")
    kept = asyncio.Event()
    keeping.add_done_callback(lambda _: kept.set())
    if await services.clock.wait(kept, until):
        await keeping
    await _send(interaction, form(draft, left_out=left_out, mask_lost=mask_lost))
    try:
        await keeping  # later than the form: its submit finds the draft all the same, or says that it is gone
    except DatabaseFailed:
        _log.exception("the form of draft %s is open, and its draft could not be written", draft.id)


def form(draft: Draft, *, left_out: int = 0, mask_lost: bool = False) -> ui.Modal:
    """The form, filled in as the draft says, and saying what is not in it any more.

    Who had pictures and has none left must put some in: their words may be a change, to pictures.

    discord.py does not wait for its submit: it would forget it over a restart. `cogs/compose.py` listens instead.
    """
    title = str(Text("form.title_edit" if draft.pictures or draft.gone else "form.title"))
    modal = ui.Modal(title=title, timeout=None, custom_id=f"{PREFIX}{draft.id}")
    modal.add_item(_prompt(draft)).add_item(_model(draft)).add_item(_ratio(draft))
    fields = _kept_files(draft, left_out, mask_lost=mask_lost) if draft.pictures else _files(draft, mask_lost=mask_lost)
    for field in fields:
        modal.add_item(field)
    modal.stop()
    return modal


async def _send(interaction: Interaction, modal: ui.Modal) -> None:
    try:
        await interaction.response.send_modal(modal)
    except discord.HTTPException as error:
        if error.code != ALREADY_ACKNOWLEDGED:
            raise
        _log.debug("the form was opened, although Discord answered otherwise at first: %s", error)


def _prompt(draft: Draft) -> ui.Label[ui.Modal]:
    text, missing = _cut(draft.request.prompt)
    if missing:
        hint = Text("form.prompt_cut", {"limit": LONGEST_PROMPT, "count": missing})
    else:
        short = [model for model in MODELS if model.prompt_limit is not None]
        limit = min(model.prompt_limit or LONGEST_PROMPT for model in short)
        hint = Text("form.prompt_limits", {"models": ", ".join(model.name for model in short), "limit": limit})
    field = ui.TextInput[ui.Modal](
        style=discord.TextStyle.paragraph, custom_id=PROMPT, default=text or None, max_length=LONGEST_PROMPT
    )
    return ui.Label(text=str(Text("form.prompt")), description=str(hint), component=field)


def _cut(prompt: str) -> tuple[str, int]:
    """As much of the prompt as a form holds, and how many characters are missing."""
    text = prompt[:LONGEST_PROMPT]
    while length(text) > LONGEST_PROMPT:
        text = text[:-1]
    return text, len(prompt) - len(text)


def _model(draft: Draft) -> ui.Label[ui.Modal]:
    request = draft.request
    model = BY_ID.get(request.model, NANO_BANANA_2)
    resolution = (request.resolution or "").upper()
    chosen = (model, resolution if resolution in model.resolutions else model.default_resolution)
    options = [
        discord.SelectOption(label=_model_label(*choice), value=value, default=choice == chosen)
        for value, choice in model_choices().items()
    ]
    select = ui.Select[ui.Modal](custom_id=MODEL, options=options)
    return ui.Label(text=str(Text("form.model")), component=select)


def _model_label(model: Model, resolution: str | None) -> str:
    return str(Text("form.model_choice", {"model": model.name, "resolution": resolution})) if resolution else model.name


def _ratio(draft: Draft) -> ui.Label[ui.Modal]:
    ratios = ratio_choices()
    chosen = draft.request.size if draft.request.size in ratios else None
    auto = discord.SelectOption(label=str(Text("ratio.auto")), value=AUTO, default=chosen is None)
    options = [discord.SelectOption(label=ratio_label(each), value=each, default=each == chosen) for each in ratios]
    select = ui.Select[ui.Modal](custom_id=RATIO, options=[auto, *options])
    return ui.Label(text=str(Text("form.ratio")), component=select)


def _files(draft: Draft, *, mask_lost: bool) -> list[ui.Label[ui.Modal]]:
    """Two fields for all that there can be; one must be filled in where pictures are gone."""
    (objects, people) = NANO_BANANA_2.advice or (_MOST_FILES, MOST_PICTURES - _MOST_FILES)
    others = MOST_PICTURES - _MOST_FILES
    key = {0: "form.pictures_hint", 1: "form.pictures_gone_one"}.get(draft.gone, "form.pictures_gone_several")
    hint = Text(key, {"count": draft.gone, "most": _MOST_FILES})
    key = "form.other_pictures_no_mask" if mask_lost else "form.other_pictures_hint"
    other_hint = Text(key, {"most": others, "objects": objects, "people": people})
    return [
        _upload(PICTURES, Text("form.pictures"), hint, _MOST_FILES, required=draft.gone > 0),
        _upload(OTHER_PICTURES, Text("form.other_pictures"), other_hint, others),
    ]


def _kept_files(draft: Draft, left_out: int, *, mask_lost: bool) -> list[ui.Label[ui.Modal]]:
    """One field that adds to what is kept, as long as there is room, and one that replaces it."""
    count = len(draft.pictures)
    add = min(_MOST_FILES, max(0, MOST_PICTURES - count))
    replace = min(_MOST_FILES, MOST_PICTURES - add)
    told = {"count": count, "total": count + draft.gone + left_out, "gone": draft.gone}
    fields: list[ui.Label[ui.Modal]] = []
    if add:
        hint = Text(_add_key(draft, left_out), {**told, "most": add})
        fields.append(_upload(PICTURES, Text("form.add"), hint, add))
    key = "form.replace_no_mask" if mask_lost else _replace_key(draft, left_out, full=not add)
    hint = Text(key, {**told, "most": replace})
    return [*fields, _upload(OTHER_PICTURES, Text("form.replace"), hint, replace)]


def _add_key(draft: Draft, left_out: int) -> str:
    if draft.gone:
        return "form.add_gone"
    if left_out:
        return "form.add_first"
    return "form.add_one" if len(draft.pictures) == 1 else "form.add_several"


def _replace_key(draft: Draft, left_out: int, *, full: bool) -> str:
    if full:
        return "form.replace_first" if left_out else "form.replace_all"
    if any(reference.role is Role.MASK for reference in draft.references):
        return "form.replace_mask"
    return "form.replace_one" if len(draft.pictures) == 1 else "form.replace_several"


def _upload(custom_id: str, label: Text, hint: Text, most: int, *, required: bool = False) -> ui.Label[ui.Modal]:
    least = 1 if required else 0
    field = ui.FileUpload[ui.Modal](custom_id=custom_id, required=required, min_values=least, max_values=most)
    return ui.Label(text=str(label), description=str(hint), component=field)
