"""What components there are, how they nest, and how a message stores them.

Source: Discord's API documentation, "Component Reference".
"""

from collections.abc import Callable, Iterator, Sequence

from bot.sandbox.discord.entities import Json

ACTION_ROW, BUTTON, STRING_SELECT, TEXT_INPUT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = range(
    1, 9
)
SECTION, TEXT_DISPLAY, THUMBNAIL, MEDIA_GALLERY, FILE, SEPARATOR = range(9, 15)
CONTAINER, LABEL, FILE_UPLOAD = 17, 18, 19
RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 21, 22, 23

SELECTS = frozenset({STRING_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT})

_LISTS = frozenset({ACTION_ROW, SECTION, CONTAINER})  # those with `components`
_SINGLE = {SECTION: "accessory", LABEL: "component"}  # those with one component under a key
_MEDIA = {THUMBNAIL: "media", FILE: "file"}  # those with one media reference under a key


def replace_children(component: Json, replace: Callable[[Json], Json]) -> Json:
    """A copy of the component, with every component directly inside it replaced."""
    copy = dict(component)
    if component["type"] in _LISTS and component.get("components"):
        copy["components"] = [replace(child) for child in component["components"]]
    key = _SINGLE.get(component["type"])
    if key and component.get(key):
        copy[key] = replace(component[key])
    return copy


def replace_media(component: Json, replace: Callable[[Json], Json]) -> Json:
    """A copy of the component, with its media references replaced: of gallery items, of a thumbnail, of a file."""
    copy = dict(component)
    if component["type"] == MEDIA_GALLERY:
        copy["items"] = [{**item, "media": replace(item["media"])} for item in component["items"]]
    if key := _MEDIA.get(component["type"]):
        copy[key] = replace(component[key])
    return copy


def walk(components: Sequence[Json]) -> Iterator[Json]:
    """Every component, parents before their children."""
    for component in components:
        yield component
        if component["type"] in _LISTS:
            yield from walk(component.get("components") or [])
        key = _SINGLE.get(component["type"])
        if key and component.get(key):
            yield from walk([component[key]])


def media_of(component: Json) -> Iterator[Json]:
    """The media references of one component."""
    if component["type"] == MEDIA_GALLERY:
        yield from (item["media"] for item in component["items"])
    if key := _MEDIA.get(component["type"]):
        yield component[key]


_DEFAULTS: dict[int, Json] = {
    **{select: {"min_values": 1, "max_values": 1} for select in (*SELECTS, FILE_UPLOAD)},
    THUMBNAIL: {"description": None, "spoiler": False},
    FILE: {"spoiler": False},
    SEPARATOR: {"spacing": 1, "divider": True},
    CONTAINER: {"accent_color": None, "spoiler": False},
}


def complete(components: Sequence[Json]) -> list[Json]:
    """Checked components as Discord stores them: nulls left out, defaults filled in, ids given where there are none."""
    taken = {int(each["id"]) for each in walk(components) if each.get("id")}
    numbers = (number for number in range(1, 10_000) if number not in taken)

    def completed(component: Json) -> Json:
        given = _without_nulls(component)
        done: Json = {**_DEFAULTS.get(component["type"], {}), **given}
        done["id"] = given.get("id") or next(numbers)
        if component["type"] == MEDIA_GALLERY:
            done["items"] = [{"description": None, "spoiler": False, **item} for item in given["items"]]
        if component["type"] == STRING_SELECT:
            done["options"] = [_without_nulls(option) for option in given["options"]]
        return replace_children(done, completed)

    return [completed(component) for component in components]


def _without_nulls(fields: Json) -> Json:
    return {key: value for key, value in fields.items() if value is not None}
