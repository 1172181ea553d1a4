"""What a person sees of a message: read from the payload that Discord sends to clients, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from bot.sandbox.discord.components import BUTTON, SELECTS, TEXT_DISPLAY, media_of, walk
from bot.sandbox.discord.conversation import EPHEMERAL, LOADING, Message
from bot.sandbox.discord.entities import Json
from bot.sandbox.discord.message_payloads import message_payload
from bot.sandbox.discord.world import World

SPOILER = 1 << 3  # attachment flag


@dataclass(frozen=True, kw_only=True)
class SeenFile:
    """A file of a message. `size` is in bytes, `width` and `height` in pixels; None where Discord does not say."""

    filename: str
    url: str
    content_type: str | None
    size: int | None = None
    description: str | None = None
    width: int | None = None
    height: int | None = None
    spoiler: bool = False

    @property
    def is_picture(self) -> bool:
        """Whether a client shows it as a picture."""
        return (self.content_type or "").startswith("image/")

    def __str__(self) -> str:
        pixels = f" {self.width}×{self.height}" if self.width else ""
        return f"{self.filename}{pixels}"


@dataclass(frozen=True, kw_only=True)
class SeenButton:
    """A button. A link has an `url`, every other one a `custom_id`."""

    label: str
    custom_id: str | None
    url: str | None
    disabled: bool
    style: int
    component: Json = field(repr=False)

    def __str__(self) -> str:
        return f"({self.label})" if self.disabled else f"[{self.label}]"


@dataclass(frozen=True, kw_only=True)
class SeenSelect:
    """A select menu. `options` are the labels of a string select with their values."""

    custom_id: str
    placeholder: str | None
    options: dict[str, str]
    disabled: bool
    component: Json = field(repr=False)

    def __str__(self) -> str:
        return f"[{self.placeholder or self.custom_id} ▾]"


@dataclass(frozen=True, kw_only=True)
class SeenMessage:
    """A message at the moment it was looked at.

    Attributes:
        author: the account's name.
        ephemeral: whether only this person sees it.
        loading: whether it is "… is thinking".
        mentioned: the ids of the accounts it notifies.
        files: its attachments; what V2 components and embeds show is in `pictures` only.
        payload: all that Discord sends of it.
    """

    id: str
    channel_id: str
    author: str
    content: str
    ephemeral: bool
    loading: bool
    edited: bool
    reply_to: str | None
    mentioned: tuple[str, ...]
    files: tuple[SeenFile, ...]
    pictures: tuple[SeenFile, ...]
    buttons: tuple[SeenButton, ...]
    selects: tuple[SeenSelect, ...]
    payload: Json = field(repr=False)

    @property
    def text(self) -> str:
        """Everything that can be read: the content, embeds, and the texts of V2 components."""
        return "\n".join(part for part in _texts(self.payload) if part)

    def button(self, label: str) -> SeenButton | None:
        """The button with this label, or else with this custom_id."""
        by_label = (each for each in self.buttons if each.label == label)
        return next(by_label, next((each for each in self.buttons if each.custom_id == label), None))

    def __str__(self) -> str:
        who = f"{self.author}, for you alone" if self.ephemeral else self.author
        shown = ["… is thinking"] if self.loading else [self.text]
        shown += [f"📎 {each}" for each in dict.fromkeys((*self.files, *self.pictures))]
        shown += [str(each) for each in (*self.buttons, *self.selects)]
        return f"{who}: " + " ".join(part for part in shown if part)


def look_at(world: World, message: Message) -> SeenMessage:
    """The message as a client shows it now."""
    payload = message_payload(world, message)
    components = list(walk(payload["components"]))
    files = tuple(_file(each) for each in payload["attachments"])
    return SeenMessage(
        id=payload["id"],
        channel_id=payload["channel_id"],
        author=payload["author"]["global_name"],
        content=payload["content"],
        ephemeral=bool(payload["flags"] & EPHEMERAL),
        loading=bool(payload["flags"] & LOADING),
        edited=payload["edited_timestamp"] is not None,
        reply_to=payload.get("message_reference", {}).get("message_id"),
        mentioned=tuple(user["id"] for user in payload["mentions"]),
        files=files,
        pictures=(*(each for each in files if each.is_picture), *_media(payload, components)),
        buttons=tuple(_button(each) for each in components if each["type"] == BUTTON),
        selects=tuple(_select(each) for each in components if each["type"] in SELECTS),
        payload=payload,
    )


def _file(attachment: Json) -> SeenFile:
    return SeenFile(
        filename=attachment["filename"],
        url=attachment["url"],
        content_type=attachment.get("content_type"),
        size=attachment["size"],
        description=attachment.get("description"),
        width=attachment.get("width"),
        height=attachment.get("height"),
        spoiler=bool(attachment["flags"] & SPOILER),
    )


def _media(payload: Json, components: list[Json]) -> Iterator[SeenFile]:
    """The pictures that V2 components and embeds show."""
    shown: list[Json] = [media for component in components for media in media_of(component)]
    shown += [embed["image"] for embed in payload["embeds"] if embed.get("image")]
    for media in shown:
        if str(media.get("content_type", "")).startswith("image/"):
            url: str = media["url"]
            yield SeenFile(
                filename=unquote(PurePosixPath(urlsplit(url).path).name),
                url=url,
                content_type=media["content_type"],
                width=media.get("width"),
                height=media.get("height"),
            )


def _button(component: Json) -> SeenButton:
    emoji: Json = component.get("emoji") or {}
    return SeenButton(
        label=component.get("label") or emoji.get("name") or "",
        custom_id=component.get("custom_id"),
        url=component.get("url"),
        disabled=bool(component.get("disabled")),
        style=component["style"],
        component=component,
    )


def _select(component: Json) -> SeenSelect:
    return SeenSelect(
        custom_id=component["custom_id"],
        placeholder=component.get("placeholder"),
        options={option["label"]: option["value"] for option in component.get("options") or ()},
        disabled=bool(component.get("disabled")),
        component=component,
    )


def _texts(payload: Json) -> Iterator[str]:
    yield payload["content"]
    for embed in payload["embeds"]:
        yield embed.get("title") or ""
        yield embed.get("description") or ""
        for each in embed.get("fields") or ():
            yield f"{each['name']}: {each['value']}"
        footer: Json = embed.get("footer") or {}
        yield footer.get("text", "")
    for component in walk(payload["components"]):
        if component["type"] == TEXT_DISPLAY:
            yield component["content"]
