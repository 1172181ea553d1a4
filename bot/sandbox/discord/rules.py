"""The rules of a message: lengths, counts, and what goes together.

Source: Discord's API documentation, "Message" (Create Message, embed limits); the codes of nested errors as Discord
answers them.
"""

from collections.abc import Sequence
from datetime import datetime

from bot.sandbox.discord.component_rules import check_components, check_layout
from bot.sandbox.discord.conversation import IS_COMPONENTS_V2, Message
from bot.sandbox.discord.entities import Json
from bot.sandbox.discord.forms import Form
from bot.sandbox.discord.refusals import FormErrors, empty_message

MOST_FILES = 10
MOST_CONTENT = 2000
MOST_EMBED_TEXT = 6000

_LEGACY = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
_MENTION_KINDS = ("users", "roles")


def check_message(form: Form, existing: Message | None = None) -> None:
    """Check the form of a message that is created, or of an edit of `existing`.

    Raises:
        Refused: 400 with everything that is wrong.
    """
    flags = form.whole("flags", least=0)
    asked_v2 = bool(flags and flags & IS_COMPONENTS_V2)
    was_v2 = existing is not None and bool(existing.flags & IS_COMPONENTS_V2)
    if asked_v2 or was_v2:
        _check_legacy(form, None if was_v2 else existing)
    else:
        form.text("content", longest=MOST_CONTENT)
        for embed in form.forms("embeds", longest=10):
            _check_embed(embed)
    # An edit that sets flags without this one has its components read as classic ones, although the flag stays.
    v2 = asked_v2 if flags is not None else was_v2
    check_components(form, v2=v2)
    _check_nonce(form)
    _check_allowed_mentions(form)
    for attachment in form.forms("attachments", longest=MOST_FILES):
        attachment.snowflake("id", required=True)
        attachment.text("filename", shortest=1, longest=1024)
        attachment.text("description", longest=1024)
    if reference := form.form("message_reference"):
        _check_reference(reference)
    form.errors.raise_if_any()
    _check_as_a_whole(form, v2=v2)


def check_not_empty(message: Message, *, files: int) -> None:
    """Check that there is something in a message that will have so many files; classic components alone are nothing.

    Raises:
        Refused: 400 with code 50006.
    """
    v2 = bool(message.flags & IS_COMPONENTS_V2)
    if not (message.components if v2 else message.content or message.embeds or files):
        raise empty_message()


def checked_embeds(embeds: Sequence[Json]) -> list[Json]:
    """Checked embeds as Discord stores them."""
    return [{"type": "rich", **_filled(embed)} for embed in embeds]


def _filled(embed: Json) -> Json:
    filled = {key: value for key, value in embed.items() if value is not None and key != "type"}
    for key in ("footer", "author", "image", "thumbnail"):
        if key in filled:
            filled[key] = {inner: value for inner, value in filled[key].items() if value is not None}
    if "fields" in filled:
        filled["fields"] = [{"inline": False, **_without_nulls(field)} for field in filled["fields"]]
    return filled


def _without_nulls(fields: Json) -> Json:
    return {key: value for key, value in fields.items() if value is not None}


def _check_legacy(form: Form, upgraded: Message | None) -> None:
    """What a V2 message has no room for; a classic message that becomes one must give up what it has."""
    left = {"content": upgraded.content, "embeds": upgraded.embeds} if upgraded else {}
    for key in ("content", "embeds"):
        if form.has(key) or (key not in form.fields and left.get(key)):
            form.refuse(key, _LEGACY, f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2")


def _check_as_a_whole(form: Form, *, v2: bool) -> None:
    errors = FormErrors()
    embeds: list[Json] = form.fields.get("embeds") or []
    if sum(_embed_text(embed) for embed in embeds) > MOST_EMBED_TEXT:
        errors.add((*form.path, "embeds"), "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")
    check_layout(form.fields.get("components") or [], errors, (*form.path, "components"), v2=v2)
    errors.raise_if_any()


def _embed_text(embed: Json) -> int:
    """The characters of an embed that count towards the limit of all of a message's embeds."""
    parts: list[Json] = [embed, embed.get("footer") or {}, embed.get("author") or {}, *(embed.get("fields") or [])]
    keys = ("title", "description", "text", "name", "value")
    return sum(len(part[key]) for part in parts for key in keys if part.get(key))


def _check_embed(embed: Form) -> None:
    embed.text("title", longest=256)
    embed.text("description", longest=4096)
    embed.whole("color", least=0, most=0xFFFFFF)
    _check_url(embed, "url", ("http://", "https://"))
    for field in embed.forms("fields", longest=25):
        field.text("name", shortest=1, longest=256, required=True)
        field.text("value", shortest=1, longest=1024, required=True)
        field.truth("inline")
    if footer := embed.form("footer"):
        footer.text("text", shortest=1, longest=2048, required=True)
    if author := embed.form("author"):
        author.text("name", shortest=1, longest=256, required=True)
        _check_url(author, "url", ("http://", "https://"))
    for key in ("image", "thumbnail"):
        if picture := embed.form(key):
            _check_url(picture, "url", ("http://", "https://", "attachment://"), required=True)
    _check_timestamp(embed)
    if not any(embed.has(key) for key in ("title", "description", "fields", "footer", "author", "image", "thumbnail")):
        embed.refuse("description", "BASE_TYPE_REQUIRED", "This field is required")


def _check_url(form: Form, key: str, schemes: tuple[str, ...], *, required: bool = False) -> None:
    url = form.text(key, longest=2048, required=required)
    if url and not url.startswith(schemes):
        names = ", ".join(repr(scheme.removesuffix("://")) for scheme in schemes)
        form.refuse(key, "URL_TYPE_INVALID_SCHEME", f"Scheme must be one of ({names}).")


def _check_timestamp(embed: Form) -> None:
    value = embed.text("timestamp")
    if value is None:
        return
    try:
        datetime.fromisoformat(value)
    except ValueError:
        embed.refuse("timestamp", "DATE_TIME_TYPE_PARSE", f'Could not parse "{value}". Should be ISO8601.')


def _check_nonce(form: Form) -> None:
    nonce = form.fields.get("nonce")
    if isinstance(nonce, str) and len(nonce) > 25:
        form.refuse("nonce", "NONCE_TYPE_TOO_LONG", "Must be 25 or fewer characters long.")
    elif nonce is not None and (isinstance(nonce, bool) or not isinstance(nonce, str | int)):
        form.refuse("nonce", "NONCE_TYPE_INVALID_TYPE", "Must be an integer or a string.")
    form.truth("enforce_nonce")


def _check_allowed_mentions(form: Form) -> None:
    allowed = form.form("allowed_mentions")
    if allowed is None:
        return
    parsed = allowed.list_of("parse")
    for index, kind in enumerate(parsed):
        if kind not in (*_MENTION_KINDS, "everyone"):
            path = (*allowed.path, "parse", index)
            form.errors.add(path, "BASE_TYPE_CHOICES", "Value must be one of {'everyone', 'roles', 'users'}.")
    for kind in _MENTION_KINDS:
        if allowed.list_of(kind, longest=100) and kind in parsed:
            message = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            allowed.refuse(None, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)
    allowed.truth("replied_user")


def _check_reference(reference: Form) -> None:
    reference.one_of("type", (0,))  # forwarding (1) is not part of the stand-in
    reference.snowflake("message_id", required=True)
    reference.snowflake("channel_id")
    reference.snowflake("guild_id")
    reference.truth("fail_if_not_exists")
