"""What a person filled into a form, read from Discord's interaction data, and what it makes of the form's draft.

The data is read leniently: it may come from a form that another version of the bot had opened, or be forged. What is
missing keeps the draft's value; what is not understood is a problem that names it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeGuard

from discord import AttachmentFlags

from bot.jobs.drafts import Draft
from bot.jobs.order import Reference, mask_among
from bot.texts import Text
from bot.toapis.catalog import BY_ID
from bot.toapis.check import check
from bot.toapis.flags import Flagged, read_flags
from bot.toapis.further import merged
from bot.toapis.options import shown
from bot.toapis.schema import ImageRequest
from bot.toapis.typed import AUTO, Usual
from bot.ui.forms import MODEL, MOST_PICTURES, OTHER_PICTURES, PICTURES, PROMPT, RATIO, model_choices, ratio_choices
from bot.ui.lost_pictures import is_gone
from bot.ui.pictures import as_reference, attachment_problems

_SPOILER_NAME = "SPOILER_"  # how a file is marked by its name
_SPOILER = AttachmentFlags(spoiler=True).value


@dataclass(frozen=True, kw_only=True)
class FormFile:
    """A file that was put into a form, as Discord describes it."""

    url: str
    filename: str
    size: int
    content_type: str | None
    width: int | None
    height: int | None
    spoiler: bool


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What was filled in; None: the form had no such field.

    Attributes:
        model, ratio: the values of the choices.
        pictures, other_pictures: the files of the two fields.
    """

    prompt: str | None
    model: str | None
    ratio: str | None
    pictures: tuple[FormFile, ...]
    other_pictures: tuple[FormFile, ...]


@dataclass(frozen=True, kw_only=True)
class Composed:
    """A form's draft with what was filled in.

    Attributes:
        draft: what a new form begins with: the prompt as it was typed, and the references that are sound.
        request: what is to be painted: the flags are read, and taken out of the prompt.
        private, spoiler: the draft's, or as a flag says.
        references: all of them.
        problems: why it cannot be painted like this; empty if it is sound.
    """

    draft: Draft
    request: ImageRequest
    private: bool
    spoiler: bool
    references: tuple[Reference, ...]
    problems: tuple[Text, ...]


def read_form(data: Mapping[str, Any]) -> Filled:
    """Read the `data` of a form's submit. Never raises."""
    fields = {field["custom_id"]: field for field in _fields(data.get("components"))}
    resolved = _object(_object(data.get("resolved")).get("attachments"))
    model, ratio = (_texts(fields.get(name, {}).get("values")) for name in (MODEL, RATIO))
    prompt = fields.get(PROMPT, {}).get("value")
    return Filled(
        prompt=prompt if isinstance(prompt, str) else None,
        model=model[0] if model else None,
        ratio=ratio[0] if ratio else None,
        pictures=_files(fields.get(PICTURES, {}), resolved),
        other_pictures=_files(fields.get(OTHER_PICTURES, {}), resolved),
    )


def composed(draft: Draft, filled: Filled, now: float) -> Composed:
    """What the form asks for: the draft's kept pictures first, then those that were added."""
    request, problems = _request(draft, filled)
    said = read_flags(request.prompt)
    wanted = _with_flags(draft, request, said)
    problems += said.problems
    files = (*filled.other_pictures, *filled.pictures) if draft.pictures else (*filled.pictures, *filled.other_pictures)
    kept = () if draft.pictures and filled.other_pictures else draft.pictures
    added = tuple(as_reference(file, position, "") for position, file in enumerate(files))
    mask = None if kept != draft.pictures else mask_among(draft.references)
    references = numbered((*kept, *added), mask)
    pictures = references[: len(kept) + len(added)]

    unsound: set[Reference] = set()
    for reference, file in zip(pictures, (*(None for _ in kept), *files), strict=True):
        found = _gone(reference, now) if file is None or not file.url else attachment_problems({reference.name: file})
        problems += found
        unsound |= {reference} if found else set()
    sound = [reference for reference in pictures if reference not in unsound]
    gone = sum(reference in unsound for reference in pictures[: len(kept)])
    mask_gone = _gone(mask, now) if mask is not None else ()
    fits = not mask_gone and pictures[:1] == tuple(sound[:1])  # a mask belongs to the first picture, and to no other
    spoiler = draft.spoiler or any(file.spoiler for file in files)
    return Composed(
        draft=replace(
            draft,
            request=request,
            references=numbered(sound[:MOST_PICTURES], mask if fits else None),
            gone=gone if pictures else draft.gone,
            spoiler=spoiler,
        ),
        request=wanted,
        private=draft.private if said.private is None else said.private,
        spoiler=spoiler or bool(said.spoiler),
        references=references,
        problems=(*check(wanted, len(pictures), mask=mask is not None), *problems, *mask_gone),
    )


def _request(draft: Draft, filled: Filled) -> tuple[ImageRequest, list[Text]]:
    request, problems = draft.request, list[Text]()
    if filled.prompt is not None:
        request = replace(request, prompt=filled.prompt.strip())
    if filled.model is not None and (choice := model_choices().get(filled.model)):
        model, resolution = choice
        request = replace(request, model=model.id, resolution=resolution, options=_options(draft, model.id))
    elif filled.model is not None:
        problems.append(_unknown("form.model", filled.model))
    if filled.ratio in {AUTO, *ratio_choices()}:
        request = replace(request, size=None if filled.ratio == AUTO else filled.ratio)
    elif filled.ratio is not None:
        problems.append(_unknown("form.ratio", filled.ratio))
    return request, problems


def _with_flags(draft: Draft, request: ImageRequest, said: Flagged) -> ImageRequest:
    """The request without the flags in its prompt: they hold against what is chosen, for they were typed."""
    usual = Usual(model=request.model, resolution=request.resolution)
    count = request.count if said.count is None else said.count
    typed = replace(said.typed(), ratio=said.ratio or request.size or AUTO, count=count)
    flagged = typed.request(usual)
    model = flagged.model if said.model is not None else request.model
    resolution = flagged.resolution if {said.model, said.resolution} != {None} else request.resolution
    options = merged(_options(draft, model), said.options) if said.options else _options(draft, model)
    return replace(flagged, model=model, resolution=resolution, options=options)


def _options(draft: Draft, model: str) -> Mapping[str, Any]:
    """The further parameters; what came along from another job, and the chosen model lacks, is left out."""
    options = draft.request.options
    if draft.parent is None or model == draft.request.model or model not in BY_ID:
        return options
    offered = {option.name for option in BY_ID[model].options}
    return {name: value for name, value in options.items() if name in offered}


def _unknown(field: str, value: str) -> Text:
    return Text("form.choice_unknown", {"field": str(Text(field)), "choice": shown(value)})


def _gone(reference: Reference, now: float) -> Sequence[Text]:
    return [Text("download.gone", {"name": reference.name})] if is_gone(reference, now) else []


def numbered(pictures: Sequence[Reference], mask: Reference | None) -> tuple[Reference, ...]:
    """The pictures as image1, image2 …, and then the mask."""
    named = [
        replace(picture, position=position, name=f"image{position + 1}") for position, picture in enumerate(pictures)
    ]
    return (*named, *([replace(mask, position=len(named))] if mask is not None else ()))


def _fields(components: object) -> Iterator[Mapping[str, Any]]:
    """Everything that was filled in, in labels or rows."""
    for outer in _objects(components):
        for field in (outer.get("component"), *_list(outer.get("components"))):
            if _is_object(field) and isinstance(field.get("custom_id"), str):
                yield field


def _files(field: Mapping[str, Any], resolved: Mapping[str, Any]) -> tuple[FormFile, ...]:
    return tuple(_file(_object(resolved.get(identifier))) for identifier in _texts(field.get("values")))


def _file(payload: Mapping[str, Any]) -> FormFile:
    """A file; one that Discord does not describe has no address, and is refused by its name."""
    filename = str(payload.get("filename", ""))
    flags = int(payload.get("flags") or 0)
    return FormFile(
        url=str(payload.get("url", "")),
        filename=filename,
        size=int(payload.get("size") or 0),
        content_type=payload.get("content_type"),
        width=payload.get("width"),
        height=payload.get("height"),
        spoiler=filename.startswith(_SPOILER_NAME) or bool(flags & _SPOILER),
    )


def _is_object(value: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping)


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _object(value: object) -> Mapping[str, Any]:
    return value if _is_object(value) else {}


def _list(value: object) -> list[Any]:
    return value if _is_list(value) else []


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    return (each for each in _list(value) if _is_object(each))


def _texts(value: object) -> list[str]:
    return [each for each in _list(value) if isinstance(each, str)]
