"""What a form must not begin with, since it would be refused for it again and shows no field for it; and saying so."""

from collections.abc import Sequence
from dataclasses import replace

from bot.errors import Refusal
from bot.jobs.drafts import Draft
from bot.jobs.job import Job
from bot.texts import Text
from bot.toapis.catalog import MAX_COUNT
from bot.toapis.check import split_options
from bot.toapis.further import in_words
from bot.toapis.schema import ImageRequest

_TOO_MANY = frozenset(
    {
        *("limits.user", "limits.user_room_one", "limits.user_room_several", "limits.user_never"),
        *("limits.bot", "limits.bot_room_one", "limits.bot_room_several", "limits.bot_never"),
        "limits.bot_tasks_never",
    }
)
_UNFIT_MASK = frozenset(
    {
        *("mask.not_png", "mask.other_size", "mask.too_many_pixels"),
        *("download.too_large", "download.gone", "image.not_an_image", "image.damaged", "image.too_heavy"),
    }
)


def without_refused(
    draft: Draft, wanted: ImageRequest, error: Exception, unknown: Sequence[Text] = ()
) -> tuple[Draft, Sequence[Text]]:
    """The draft without what was refused and cannot be seen in its form, and words about what is missing then.

    Args:
        draft: what the form would begin with.
        wanted: what was refused; it may have more than the draft has, by flags that stay in the prompt.
        error: why.
        unknown: what was not understood, and is in no draft therefore.
    """
    if not isinstance(error, Refusal):
        return draft, ()
    told: list[Text] = []
    sound, refused = split_options(wanted.model, draft.request.options)
    left_out = [*map(_named, unknown), *([in_words(refused)] if refused else [])]
    if left_out:
        told.append(Text("form.left_out", {"what": ", ".join(left_out)}))
    count = draft.request.count
    too_many = not 1 <= count <= MAX_COUNT or any(text.key in _TOO_MANY for text in error.texts)
    if too_many and count != 1 and count == wanted.count:
        told.append(Text("form.left_out_count", {"count": count}))
        count = 1
    return replace(draft, request=replace(draft.request, options=sound, count=count)), told


def unfit_mask(job: Job) -> Text | None:
    """What is wrong with the job's mask, if it failed because of that; it would again."""
    failure, mask = job.failure, job.mask
    if failure is None or mask is None:
        return None
    return failure if failure.key in _UNFIT_MASK and failure.values.get("name") == mask.name else None


def _named(problem: Text) -> str:
    """What was typed, of a problem that names it."""
    return str(problem.values.get("flag", problem.values.get("option", "…")))
