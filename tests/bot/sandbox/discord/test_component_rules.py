"""Components: classic rows and V2."""

from typing import Any

import pytest

from tests.bot.sandbox.discord.rest_client import Rest

V2 = 1 << 15
LEGACY = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
WRONG_LENGTH = "BASE_TYPE_BAD_LENGTH"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20

Path = tuple[str | int, ...]


def button(custom_id: str = "a", **changes: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "go", "custom_id": custom_id, **changes}


def row(*components: Any) -> dict[str, Any]:
    return {"type": 1, "components": list(components)}


def select(**changes: Any) -> dict[str, Any]:
    return {"type": 3, "custom_id": "s", "options": [{"label": "a", "value": "a"}], **changes}


def text(content: str) -> dict[str, Any]:
    return {"type": 10, "content": content}


def gallery(*urls: str) -> dict[str, Any]:
    return {"type": 12, "items": [{"media": {"url": url}} for url in urls]}


def container(*components: Any, **changes: Any) -> dict[str, Any]:
    return {"type": 17, "components": list(components), **changes}


@pytest.mark.parametrize(
    ("components", "path", "code"),
    [
        ([row(button(str(number))) for number in range(6)], (), "BASE_TYPE_MAX_LENGTH"),
        ([row(*(button(str(number)) for number in range(6)))], (0, "components", 5), "COMPONENT_LAYOUT_WIDTH_EXCEEDED"),
        ([row(select(), button())], (0, "components", 1), "COMPONENT_LAYOUT_WIDTH_EXCEEDED"),
        ([row()], (0, "components"), "BASE_TYPE_MIN_LENGTH"),
        ([button()], (0,), "UNION_TYPE_CHOICES"),
        ([text("v2 without its flag")], (0,), "UNION_TYPE_CHOICES"),
        ([row(text("x"))], (0, "components", 0), "UNION_TYPE_CHOICES"),
        ([row(button("a"), button("a"))], (), "COMPONENT_CUSTOM_ID_DUPLICATED"),
        ([row(button("a")), row(button("a", disabled=True))], (), "COMPONENT_CUSTOM_ID_DUPLICATED"),
        ([row(button("c" * 101))], (0, "components", 0, "custom_id"), WRONG_LENGTH),
        ([row(button("", label="x"))], (0, "components", 0, "custom_id"), WRONG_LENGTH),
        ([row(button(label="l" * 81))], (0, "components", 0, "label"), "BASE_TYPE_MAX_LENGTH"),
        ([row(button(label=None))], (0, "components", 0), "BUTTON_COMPONENT_INVALID"),
        ([row(button(style=7))], (0, "components", 0, "style"), "BASE_TYPE_CHOICES"),
        ([row(button(style=5))], (0, "components", 0, "url"), "BASE_TYPE_REQUIRED"),
        (
            [row({"type": 2, "style": 5, "label": "x", "url": "javascript:"})],
            (0, "components", 0, "url"),
            "URL_TYPE_INVALID_SCHEME",
        ),
        ([row(button(url="https://x.example"))], (0, "components", 0, "url"), "BUTTON_COMPONENT_INVALID_URL"),
        ([row(select(options=[]))], (0, "components", 0, "options"), WRONG_LENGTH),
        (
            [row(select(options=[{"label": str(n), "value": str(n)} for n in range(26)]))],
            (0, "components", 0, "options"),
            WRONG_LENGTH,
        ),
        (
            [row(select(options=[{"label": "a", "value": "x"}, {"label": "b", "value": "x"}]))],
            (0, "components", 0, "options", 1, "value"),
            "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
        ),
        ([row(select(placeholder="p" * 151))], (0, "components", 0, "placeholder"), "BASE_TYPE_MAX_LENGTH"),
        ([row(select(max_values=2))], (0, "components", 0, "max_values"), "SELECT_COMPONENT_MAX_VALUES"),
        (
            [row(button(style=5, url="https://x.example"))],
            (0, "components", 0, "custom_id"),
            "BUTTON_COMPONENT_INVALID_CUSTOM_ID",
        ),
        ([row(button(style=6))], (0, "components", 0, "sku_id"), "BASE_TYPE_REQUIRED"),
        ([row(select(min_values=2))], (0, "components", 0, "min_values"), "SELECT_COMPONENT_MIN_VALUES"),
        ([row(button("a", id=7), button("b", id=7))], (), "COMPONENT_ID_DUPLICATED"),
    ],
)
async def test_wrong_rows_are_refused(rest: Rest, components: Any, path: Path, code: str) -> None:
    answer = await rest.say({"content": "x", "components": components})
    assert answer.mistakes("components", *path) == [code]


@pytest.mark.parametrize(
    ("components", "path", "code"),
    [
        ([text("x") for _ in range(41)], (), "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED"),
        ([container(*(text("x") for _ in range(40)))], (), "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED"),
        ([text("x" * 2000), container(text("x" * 2001))], (), "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED"),
        ([text("x" * 4001)], (0, "content"), WRONG_LENGTH),
        ([gallery(*(f"https://x.example/{n}.png" for n in range(11)))], (0, "items"), WRONG_LENGTH),
        ([gallery()], (0, "items"), WRONG_LENGTH),
        ([gallery("ftp://x.example/a.png")], (0, "items", 0, "media", "url"), "URL_TYPE_INVALID_SCHEME"),
        ([gallery("attachment://missing.png")], (), "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"),
        (
            [{"type": 12, "items": [{"media": {"url": "https://x.example"}, "description": "d" * 1025}]}],
            (0, "items", 0, "description"),
            "BASE_TYPE_MAX_LENGTH",
        ),
        ([container(container(text("x")))], (0, "components", 0), "UNION_TYPE_CHOICES"),
        ([container(text("x"), accent_color=1 << 24)], (0, "accent_color"), "NUMBER_TYPE_MAX"),
        ([{"type": 9, "components": [text("x")]}], (0, "accessory"), "BASE_TYPE_REQUIRED"),
        ([{"type": 9, "components": [text("x")] * 4, "accessory": button()}], (0, "components"), WRONG_LENGTH),
        ([{"type": 13, "file": {"url": "https://x.example"}}], (0, "file", "url"), "URL_TYPE_INVALID_SCHEME"),
        ([{"type": 14, "spacing": 3}], (0, "spacing"), "BASE_TYPE_CHOICES"),
    ],
)
async def test_wrong_v2_components_are_refused(rest: Rest, components: Any, path: Path, code: str) -> None:
    answer = await rest.say({"flags": V2, "components": components})
    assert answer.mistakes("components", *path) == [code]


@pytest.mark.parametrize(("key", "value"), [("content", "x"), ("embeds", [{"title": "t"}])])
async def test_v2_has_no_room_for_content_or_embeds(rest: Rest, key: str, value: Any) -> None:
    answer = await rest.say({"flags": V2, "components": [text("x")], key: value})
    assert answer.mistakes(key) == [LEGACY]


async def test_v2_without_components_is_empty(rest: Rest) -> None:
    assert (await rest.say({"flags": V2})).refusal == (400, 50006)


async def test_v2_cannot_be_taken_back(rest: Rest) -> None:
    posted = (await rest.say({"flags": V2, "components": [text("x")]})).body
    path = f"/channels/{rest.channel.id}/messages/{posted['id']}"
    answer = await rest.call("PATCH", path, {"content": "classic", "flags": 0, "components": []})
    assert answer.mistakes("content") == [LEGACY]
    answer = await rest.call("PATCH", path, {"flags": 0, "components": [text("y")]})
    assert answer.mistakes("components", 0) == ["UNION_TYPE_CHOICES"]
    assert (await rest.call("PATCH", path, {"components": [text("y")]})).body["flags"] == V2
    assert (await rest.call("PATCH", path, {"components": []})).refusal == (400, 50006)


async def test_a_classic_message_becomes_v2_only_if_it_gives_up_what_it_has(rest: Rest) -> None:
    posted = (await rest.say({"content": "classic"})).body
    path = f"/channels/{rest.channel.id}/messages/{posted['id']}"
    body = {"flags": V2, "components": [text("x")]}
    assert (await rest.call("PATCH", path, body)).mistakes("content") == [LEGACY]
    edited = (await rest.call("PATCH", path, {**body, "content": None})).body
    assert (edited["content"], edited["flags"]) == ("", V2)


async def test_files_that_v2_shows_are_listed_nowhere_but_in_the_components(rest: Rest) -> None:
    components = [
        container(
            gallery("attachment://a.png"),
            {"type": 13, "file": {"url": "attachment://notes.txt"}},
            {"type": 9, "components": [text("x")], "accessory": {"type": 11, "media": {"url": "attachment://b.png"}}},
        )
    ]
    files = [("a.png", PNG), ("notes.txt", b"hello"), ("b.png", PNG), ("left.png", PNG)]
    posted = (await rest.say({"flags": V2, "components": components}, files=files)).body
    read = (await rest.call("GET", f"/channels/{rest.channel.id}/messages/{posted['id']}")).body
    for message in (posted, read, rest.events[-1][1]):
        assert [each["filename"] for each in message["attachments"]] == ["left.png"]
        shown, notes, section = message["components"][0]["components"]
        media = shown["items"][0]["media"]
        async with rest.session.get(media["url"]) as response:
            assert await response.read() == PNG
        assert media["content_type"] == "image/png"
        assert (notes["name"], notes["size"]) == ("notes.txt", 5)
        assert "/b.png?ex=" in section["accessory"]["media"]["url"]


async def test_a_file_stays_with_a_v2_message_that_still_names_it(rest: Rest) -> None:
    posted = (await rest.say({"flags": V2, "components": [gallery("attachment://a.png")]}, files=[("a.png", PNG)])).body
    path = f"/channels/{rest.channel.id}/messages/{posted['id']}"
    edited = (await rest.call("PATCH", path, {"components": [text("again"), gallery("attachment://a.png")]})).body
    assert (
        edited["components"][1]["items"][0]["media"]["attachment_id"]
        == posted["components"][0]["items"][0]["media"]["attachment_id"]
    )


async def test_pictures_from_elsewhere_keep_their_address(rest: Rest) -> None:
    answer = await rest.say({"flags": V2, "components": [gallery("https://x.example/a.png")]})
    assert answer.body["components"][0]["items"][0]["media"]["url"] == "https://x.example/a.png"


async def test_text_displays_mention(rest: Rest) -> None:
    answer = await rest.say({"flags": V2, "components": [container(text(f"<@{rest.person.id}>"))]})
    assert [user["id"] for user in answer.body["mentions"]] == [rest.person.id]


async def test_components_get_ids_in_order_and_keep_their_own(rest: Rest) -> None:
    answer = await rest.say({"content": "x", "components": [row(button("a", id=2), button("b", emoji=None))]})
    (found,) = answer.body["components"]
    assert (found["id"], [each["id"] for each in found["components"]]) == (1, [2, 3])
    assert "emoji" not in found["components"][1]


async def test_every_kind_of_component_within_the_limits_is_taken(rest: Rest) -> None:
    selects = [row({"type": kind, "custom_id": str(kind)}) for kind in (5, 6, 7, 8)]
    link = {"type": 2, "style": 5, "emoji": {"name": "🔗"}, "url": "https://x.example"}
    classic = [*selects, row(*(button(str(n), label="l" * 80) for n in range(4)), link)]
    assert (await rest.say({"content": "x", "components": classic})).status == 200
    texts = [text("x" * 100) for _ in range(35)]
    v2 = [container(*texts, row(select()), {"type": 14, "divider": False, "spacing": 2}, accent_color=0)]
    assert (await rest.say({"flags": V2, "components": v2})).status == 200


async def test_a_picture_by_its_address_on_the_cdn_is_looked_at_as_discord_does(rest: Rest) -> None:
    posted = (await rest.say({"flags": V2, "components": [gallery("attachment://a.png")]}, files=[("a.png", PNG)])).body
    own = posted["components"][0]["items"][0]["media"]
    shown = (await rest.say({"flags": V2, "components": [gallery(own["url"], "https://x.example/b.png")]})).body
    again, strange = (item["media"] for item in shown["components"][0]["items"])
    assert (again["url"], again["content_type"]) == (own["url"], "image/png")
    assert "content_type" not in strange
