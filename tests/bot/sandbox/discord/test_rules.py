"""What may stand in a message, and whom it notifies."""

from typing import Any

import pytest

from bot.sandbox.discord.permissions import Permission
from tests.bot.sandbox.discord.rest_client import Rest

TOO_LONG = "BASE_TYPE_MAX_LENGTH"
WRONG_LENGTH = "BASE_TYPE_BAD_LENGTH"


MISTAKES: list[tuple[Any, tuple[str | int, ...], str]] = [
    ({"content": "x" * 2001}, ("content",), TOO_LONG),
    ({"content": 5}, ("content",), "STRING_TYPE_CONVERT"),
    ({"content": "x", "embeds": {}}, ("embeds",), "LIST_TYPE_CONVERT"),
    ({"content": "x", "embeds": [5]}, ("embeds", 0), "MODEL_TYPE_CONVERT"),
    ({"embeds": [{"title": "t"}] * 11}, ("embeds",), TOO_LONG),
    ({"embeds": [{}]}, ("embeds", 0, "description"), "BASE_TYPE_REQUIRED"),
    ({"embeds": [{"title": "t" * 257}]}, ("embeds", 0, "title"), TOO_LONG),
    ({"embeds": [{"description": "d" * 4097}]}, ("embeds", 0, "description"), TOO_LONG),
    ({"embeds": [{"title": "t", "color": 1 << 24}]}, ("embeds", 0, "color"), "NUMBER_TYPE_MAX"),
    ({"embeds": [{"title": "t", "url": "ftp://x"}]}, ("embeds", 0, "url"), "URL_TYPE_INVALID_SCHEME"),
    ({"embeds": [{"title": "t", "timestamp": "noon"}]}, ("embeds", 0, "timestamp"), "DATE_TIME_TYPE_PARSE"),
    ({"embeds": [{"image": {"url": "cat.png"}}]}, ("embeds", 0, "image", "url"), "URL_TYPE_INVALID_SCHEME"),
    ({"embeds": [{"footer": {"text": "f" * 2049}}]}, ("embeds", 0, "footer", "text"), WRONG_LENGTH),
    ({"embeds": [{"author": {"name": "a" * 257}}]}, ("embeds", 0, "author", "name"), WRONG_LENGTH),
    ({"embeds": [{"fields": [{"name": "n", "value": "v"}] * 26}]}, ("embeds", 0, "fields"), TOO_LONG),
    ({"embeds": [{"fields": [{"name": "", "value": "v"}]}]}, ("embeds", 0, "fields", 0, "name"), WRONG_LENGTH),
    ({"embeds": [{"fields": [{"name": "n"}]}]}, ("embeds", 0, "fields", 0, "value"), "BASE_TYPE_REQUIRED"),
    ({"embeds": [{"description": "d" * 3001}] * 2}, ("embeds",), "MAX_EMBED_SIZE_EXCEEDED"),
    ({"content": "x", "flags": "many"}, ("flags",), "NUMBER_TYPE_COERCE"),
    ({"content": "x", "nonce": [1]}, ("nonce",), "NONCE_TYPE_INVALID_TYPE"),
    ({"content": "x", "enforce_nonce": "yes"}, ("enforce_nonce",), "BOOLEAN_TYPE_CONVERT"),
    ({"content": "x", "attachments": [{}]}, ("attachments", 0, "id"), "BASE_TYPE_REQUIRED"),
    ({"content": "x", "attachments": [{"id": "a"}]}, ("attachments", 0, "id"), "NUMBER_TYPE_COERCE"),
    ({"content": "x", "message_reference": {}}, ("message_reference",), "REPLIES_UNKNOWN_MESSAGE"),
    (
        {"content": "x", "allowed_mentions": {"parse": ["all"]}},
        ("allowed_mentions", "parse", 0),
        "BASE_TYPE_CHOICES",
    ),
    (
        {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        ("allowed_mentions",),
        "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
    ),
    ({"content": "x", "allowed_mentions": {"users": ["1"] * 101}}, ("allowed_mentions", "users"), TOO_LONG),
]


@pytest.mark.parametrize(("body", "path", "code"), MISTAKES)
async def test_a_wrong_message_is_refused_where_it_is_wrong(
    rest: Rest, body: Any, path: tuple[str | int, ...], code: str
) -> None:
    answer = await rest.say(body)
    assert answer.refusal == (400, 50035)
    assert answer.mistakes(*path) == [code]
    assert rest.world.messages(rest.channel.id) == ()


async def test_all_mistakes_are_told_at_once(rest: Rest) -> None:
    answer = await rest.say({"content": "x" * 2001, "embeds": [{"title": "t" * 257}, {}]})
    assert answer.mistakes("content") == [TOO_LONG]
    assert answer.mistakes("embeds", 0, "title") == [TOO_LONG]
    assert answer.mistakes("embeds", 1, "description") == ["BASE_TYPE_REQUIRED"]


async def test_what_is_just_within_the_limits_is_taken(rest: Rest) -> None:
    embed = {
        "title": "t" * 256,
        "description": "d" * 4096,
        "color": 0xFFFFFF,
        "timestamp": "2026-01-01T00:00:00+00:00",
        "footer": {"text": "f" * (6000 - 256 - 4096 - 2), "icon_url": None},
        "fields": [{"name": "n", "value": "v"}],
    }
    answer = await rest.say({"content": "x" * 2000, "embeds": [embed], "nonce": "n" * 25})
    assert answer.status == 200
    assert answer.body["embeds"][0]["type"] == "rich"
    assert answer.body["embeds"][0]["fields"] == [{"name": "n", "value": "v", "inline": False}]


async def test_content_is_trimmed(rest: Rest) -> None:
    assert (await rest.say({"content": "  hi \n"})).body["content"] == "hi"


async def test_suppressed_embeds_are_not_shown(rest: Rest) -> None:
    answer = await rest.say({"content": "x", "embeds": [{"title": "t"}], "flags": 1 << 2})
    assert answer.body["embeds"] == []


async def test_a_file_that_an_embed_shows_is_listed_nowhere_else(rest: Rest) -> None:
    body = {"embeds": [{"image": {"url": "attachment://my cat.png"}}]}
    answer = await rest.say(body, files=[("my cat.png", b"a"), ("dog.png", b"b")])
    assert "/my_cat.png?ex=" in answer.body["embeds"][0]["image"]["url"]
    assert [each["filename"] for each in answer.body["attachments"]] == ["dog.png"]


async def test_without_allowed_mentions_everyone_addressed_is_mentioned(rest: Rest) -> None:
    artists = rest.guild.add_role("artists", mentionable=True)
    answer = await rest.say({"content": f"@everyone <@{rest.person.id}> <@!{rest.person.id}> <@&{artists.id}> <@1>"})
    assert [user["id"] for user in answer.body["mentions"]] == [rest.person.id]
    assert "member" in rest.events[-1][1]["mentions"][0]
    assert answer.body["mention_roles"] == [artists.id]
    assert answer.body["mention_everyone"] is True


@pytest.mark.parametrize("allowed", [{}, {"parse": []}, {"parse": ["roles"]}, {"users": ["1"]}])
async def test_only_allowed_mentions_count(rest: Rest, allowed: Any) -> None:
    answer = await rest.say({"content": f"@here <@{rest.person.id}>", "allowed_mentions": allowed})
    assert (answer.body["mentions"], answer.body["mention_everyone"]) == ([], False)


async def test_a_listed_account_is_mentioned_if_it_is_addressed(rest: Rest) -> None:
    other = rest.world.add_user("bob")
    allowed = {"parse": [], "users": [rest.person.id, other.id]}
    answer = await rest.say({"content": f"<@{rest.person.id}>", "allowed_mentions": allowed})
    assert [user["id"] for user in answer.body["mentions"]] == [rest.person.id]


async def test_a_reply_does_not_ping_if_told_so(rest: Rest) -> None:
    asked = rest.heard()
    body: Any = {"content": "done", "message_reference": {"message_id": asked.id}, "allowed_mentions": {"parse": []}}
    assert (await rest.say(body)).body["mentions"] == []
    body["allowed_mentions"] = {"parse": [], "replied_user": True}
    assert [user["id"] for user in (await rest.say(body)).body["mentions"]] == [rest.person.id]


async def test_everyone_is_mentioned_only_by_permission(rest: Rest) -> None:
    artists = rest.guild.add_role("artists")
    rest.channel.deny(rest.world.application.bot, Permission.MENTION_EVERYONE)
    answer = await rest.say({"content": f"@everyone <@&{artists.id}>"})
    assert (answer.body["mention_everyone"], answer.body["mention_roles"]) == (False, [])


async def test_an_edit_reads_the_mentions_anew(rest: Rest) -> None:
    posted = (await rest.say({"content": f"<@{rest.person.id}>"})).body
    edited = await rest.call("PATCH", f"/channels/{rest.channel.id}/messages/{posted['id']}", {"content": "hi"})
    assert edited.body["mentions"] == []
