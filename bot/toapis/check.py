"""What is wrong with a request, all of it, before anything is spent."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace

from bot.texts import Text
from bot.toapis.catalog import BY_ID, MAX_COUNT, MODELS, RESERVED, Model
from bot.toapis.further import apart, grouped
from bot.toapis.options import Flag, shown
from bot.toapis.schema import JSON, ImageRequest
from bot.toapis.typed import Typed, Usual

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Me", "Mn", "Zl", "Zp", "Zs"})  # what needs a letter to be seen, too
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters that are drawn as nothing


def check(request: ImageRequest, references: int, *, mask: bool = False) -> tuple[Text, ...]:
    """Say everything that is wrong with a request, in words for the person who made it. Never raises.

    Args:
        request: what is wanted.
        references: how many reference pictures go with it.
        mask: whether a mask goes with it.

    Returns:
        The reasons to refuse it, in the order in which a person filled it in; empty if it is sound.
    """
    model = BY_ID.get(request.model)
    if model is None:
        return (_unknown_model(request), *_prompt(request, None), *_count(request))
    return (
        *_prompt(request, model),
        *_ratio(request, model),
        *_resolution(request, model),
        *_count(request),
        *_references(references, model, mask=mask),
        *_options(request, model),
    )


def check_choices(request: ImageRequest) -> tuple[Text, ...]:
    """Say what is wrong with a request before there are words or pictures, as `check` says it. Never raises."""
    model = BY_ID.get(request.model)
    if model is None:
        return (_unknown_model(request), *_count(request))
    return (*_ratio(request, model), *_resolution(request, model), *_count(request), *_options(request, model))


def fitting(typed: Typed, usual: Usual) -> tuple[ImageRequest, tuple[Text, ...]]:
    """The request for a model that can do all that was chosen, and why not if there is none.

    Whoever names a model, or has a usual one, gets that one. For the others it is the default, or else the first that
    can do it; if none can, it is the default that is told of.
    """
    request = typed.request(usual)
    problems = check_choices(request)
    named = typed.model is not None or usual.model in BY_ID
    if not problems or named:
        return request, problems
    others = (replace(typed, model=model.id).request(usual) for model in MODELS)
    found = next((other for other in others if not check_choices(other)), None)
    return (request, problems) if found is None else (found, ())


def split_options(model_id: str, options: Mapping[str, JSON]) -> tuple[Mapping[str, JSON], Mapping[str, JSON]]:
    """The further parameters that a model takes together, and those that are refused; an unknown one takes all."""
    model = BY_ID.get(model_id)
    if model is None:
        return options, {}
    sound: dict[str, JSON] = {}
    refused: dict[str, JSON] = {}
    for name, value in apart(options).items():
        tried = ImageRequest(model=model_id, prompt="", options=grouped({**sound, name: value}))
        (refused if any(_options(tried, model)) else sound)[name] = value
    return grouped(sound), grouped(refused)


def keeps_every_pixel(options: Mapping[str, JSON]) -> bool:
    """Whether a quality is chosen for a kind of file that knows none."""
    output = options.get("imageOutputOptions")
    return isinstance(output, Mapping) and output.get("mimeType") == "image/png" and "compressionQuality" in output


def _unknown_model(request: ImageRequest) -> Text:
    names = ", ".join(known.name for known in MODELS)
    return Text("check.model_unknown", {"model": shown(request.model), "models": names})


def _prompt(request: ImageRequest, model: Model | None) -> Iterator[Text]:
    if not any(map(_can_be_seen, request.prompt)):
        yield Text("check.prompt_empty")
    elif model is not None and model.prompt_limit is not None and len(request.prompt) > model.prompt_limit:
        length, limit = len(request.prompt), model.prompt_limit
        yield Text(
            "check.prompt_too_long", {"model": model.name, "length": length, "limit": limit, "excess": length - limit}
        )


def _can_be_seen(letter: str) -> bool:
    return unicodedata.category(letter) not in _INVISIBLE and letter not in _BLANK


def _ratio(request: ImageRequest, model: Model) -> Iterator[Text]:
    if request.size is not None and request.size not in model.ratios:
        ratios = ", ".join(model.ratios)
        yield Text("check.ratio_unknown", {"model": model.name, "ratio": shown(request.size), "ratios": ratios})


def _resolution(request: ImageRequest, model: Model) -> Iterator[Text]:
    if request.resolution is None or request.resolution.upper() in model.resolutions:
        return
    if not model.resolutions:
        yield Text("check.resolution_not_offered", {"model": model.name})
        return
    named = {"model": model.name, "resolution": shown(request.resolution)}
    yield Text("check.resolution_unknown", {**named, "resolutions": ", ".join(model.resolutions)})


def _count(request: ImageRequest) -> Iterator[Text]:
    if not 1 <= request.count <= MAX_COUNT:
        yield Text("check.count_range", {"count": request.count, "limit": MAX_COUNT})


def _references(references: int, model: Model, *, mask: bool) -> Iterator[Text]:
    if references > model.references:
        yield _too_many(references, model)
    if mask and model.mask is None:
        yield _not_offered(Text("option.mask"), [known for known in MODELS if known.mask], model)
    elif mask and not references:
        yield Text("check.mask_needs_reference")


def _too_many(references: int, model: Model) -> Text:
    values: dict[str, str | int | float] = {"model": model.name, "limit": model.references, "count": references}
    other = next((known for known in MODELS if known.references >= references), None)
    if other is None:
        return Text("check.references_too_many", values)
    named = {"other": other.name, "alias": min(other.aliases, key=len)}
    return Text("check.references_too_many_others", {**values, **named})


def _options(request: ImageRequest, model: Model) -> Iterator[Text]:
    offered = {option.name: option for option in model.options}
    for name, value in request.options.items():
        if name in RESERVED:
            yield Text("check.option_reserved", {"option": str(RESERVED[name])})
            continue
        option = offered.get(name)
        if option is None:
            yield _unknown_option(name, model)
            continue
        yield from option.problems(value, model.name, str(option.label))
        if (
            isinstance(option, Flag)
            and value is True
            and option.needs
            and request.options.get(option.needs) is not True
        ):
            yield Text("check.option_needs", {"option": str(option.label), "needed": str(offered[option.needs].label)})
    if keeps_every_pixel(request.options):
        yield Text("check.quality_without_loss")


def _unknown_option(name: str, model: Model) -> Text:
    owners = [known for known in MODELS if name in {option.name for option in known.options}]
    if not owners:
        return Text("check.option_unknown", {"option": shown(name), "model": model.name})
    label = next(option.label for option in owners[0].options if option.name == name)
    return _not_offered(label, owners, model)


def _not_offered(label: Text, owners: list[Model], model: Model) -> Text:
    models = ", ".join(owner.name for owner in owners)
    return Text("check.option_not_offered", {"option": str(label), "model": model.name, "models": models})
