"""Reading messages: what concerns the bot, and what it means."""

from typing import Any

import discord
import pytest

from bot.ui.words_in import Heard, Meaning, hear, is_from_a_person, is_mentioned, is_to_be_read
from tests.messages import (
    ADA_ID,
    BOB_ID,
    BOT_ID,
    CHANNEL_ID,
    GUILD_ID,
    MESSAGE_ID,
    file,
    message,
    reply,
    snapshot,
)

US = f"<@{BOT_ID}>"
FORWARD = {"type": 1, "message_id": str(MESSAGE_ID), "channel_id": str(CHANNEL_ID), "guild_id": str(GUILD_ID)}
STICKER = {"id": "1", "name": "wave", "format_type": 1}


def own_picture(**changes: Any) -> discord.Message:
    return message(BOT_ID, "a lighthouse", attachments=[file("easel-01hf7yat6zm6d4w3htsj-1.png")], **changes)


def read(said: discord.Message, answered: discord.Message | None = None) -> Heard | None:
    return hear(said, answered, BOT_ID)


def meaning(said: discord.Message, answered: discord.Message | None = None) -> Meaning | None:
    heard = read(said, answered)
    return heard.meaning if heard else None


# Who speaks


def test_a_ping_that_comes_with_answering_is_no_mention() -> None:
    assert not is_mentioned(reply(own_picture(), content="night"), BOT_ID)
    assert is_mentioned(message(content=f"see {US}"), BOT_ID)


@pytest.mark.parametrize(
    "changes",
    [
        {"author": BOT_ID},
        {"webhook_id": "5"},
        {"type": 7},
        {"type": 6},
        {"type": 20},
        {"type": 21},
        {"type": 46},
    ],
)
def test_only_people_are_listened_to(changes: dict[str, Any]) -> None:
    changes = dict(changes)
    said = message(changes.pop("author", ADA_ID), f"{US} a lighthouse", **changes)
    assert not is_from_a_person(said)
    assert not is_to_be_read(said, BOT_ID)


def test_most_of_what_is_said_need_not_be_read() -> None:
    assert not is_to_be_read(message(content="hello"), BOT_ID)
    assert is_to_be_read(message(content="hello", direct=True), BOT_ID)
    assert is_to_be_read(message(content=f"hello {US}"), BOT_ID)
    assert is_to_be_read(reply(own_picture(), content="hello"), BOT_ID)


def test_a_forwarded_message_answers_nothing() -> None:
    assert not is_to_be_read(message(message_reference=FORWARD), BOT_ID)


# Answers to the bot's pictures


def test_words_to_an_own_picture_are_a_request_about_it() -> None:
    shown = own_picture()
    heard = read(reply(shown, content="make it night"), shown)
    assert heard is not None
    assert heard.meaning is Meaning.REQUEST
    assert heard.subject is shown
    assert heard.words == "make it night"


def test_a_file_alone_wants_words() -> None:
    shown = own_picture()
    assert meaning(reply(shown, attachments=[file()]), shown) is Meaning.WORDLESS


def test_a_mention_alone_wants_words() -> None:
    shown = own_picture()
    assert meaning(reply(shown, content=US), shown) is Meaning.WORDLESS


@pytest.mark.parametrize("ping", [True, False])
def test_what_is_not_delivered_cannot_be_read(ping: bool) -> None:
    shown = own_picture()
    assert meaning(reply(shown, ping=ping), shown) is Meaning.UNREADABLE


def test_a_sticker_is_no_request() -> None:
    shown = own_picture()
    assert meaning(reply(shown, sticker_items=[STICKER]), shown) is None


# Answers to other messages of the bot's


@pytest.mark.parametrize("content", ["thanks", "", "why?"])
def test_words_to_a_message_without_a_picture_are_nobodys_request(content: str) -> None:
    failure = message(BOT_ID, "This did not work.")
    assert meaning(reply(failure, content=content), failure) is (Meaning.REMARK if content else None)
    of_bob = message(BOB_ID, "This did not work.")
    assert meaning(reply(of_bob, content=content), of_bob) is None


def test_a_mention_in_an_answer_to_it_is_a_request_of_its_own() -> None:
    failure = message(BOT_ID, "This did not work.")
    heard = read(reply(failure, content=f"{US} once more"), failure)
    assert heard is not None
    assert heard.meaning is Meaning.REQUEST
    assert heard.subject is None


# Answers to other people


def test_answers_to_other_peoples_pictures_are_theirs() -> None:
    shown = message(BOB_ID, "look", attachments=[file()])
    assert meaning(reply(shown, content="how nice"), shown) is None
    assert meaning(reply(shown), shown) is None


def test_with_a_mention_they_are_a_request_about_the_pictures() -> None:
    shown = message(BOB_ID, "look", attachments=[file()])
    heard = read(reply(shown, content=f"{US} a hat"), shown)
    assert heard is not None
    assert heard.subject is shown


@pytest.mark.parametrize("attachments", [[], [file("hat.png")]])
def test_where_the_picture_is_not_delivered_nothing_else_is_painted(attachments: list[dict[str, Any]]) -> None:
    hidden = message(BOB_ID)
    assert meaning(reply(hidden, content=f"{US} a hat", attachments=attachments), hidden) is Meaning.UNREADABLE


def test_where_it_is_delivered_and_has_no_picture_the_words_stand_alone() -> None:
    words = message(BOB_ID, "what a day")
    heard = read(reply(words, content=f"{US} a sunny one"), words)
    assert heard is not None
    assert heard.meaning is Meaning.REQUEST
    assert heard.subject is None


# No answers


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (message(content="a lighthouse"), None),
        (message(content=f"{US} a lighthouse"), Meaning.REQUEST),
        (message(content=US), Meaning.QUESTION),
        (message(content=US, attachments=[file()]), Meaning.WORDLESS),
        (message(content="a lighthouse", direct=True), Meaning.REQUEST),
        (message(attachments=[file()], direct=True), Meaning.WORDLESS),
        (message(sticker_items=[STICKER], direct=True), Meaning.QUESTION),
        (message(mention_everyone=True, content="@everyone"), None),
    ],
)
def test_what_is_said_to_the_bot(said: discord.Message, meant: Meaning | None) -> None:
    assert meaning(said) is meant


def test_a_direct_answer_to_any_picture_is_about_it() -> None:
    shown = message(ADA_ID, attachments=[file()], direct=True)
    heard = read(reply(shown, content="a hat", ping=False, direct=True), shown)
    assert heard is not None
    assert heard.subject is shown


def forwarded(*attachments: dict[str, Any], **changes: Any) -> discord.Message:
    return message(message_snapshots=[snapshot(*attachments)], message_reference=FORWARD, **changes)


def test_a_forwarded_picture_is_asked_about_and_may_be_answered() -> None:
    shown = forwarded(file(), direct=True)
    heard = read(shown)
    assert heard is not None
    assert (heard.meaning, heard.subject) == (Meaning.WORDLESS, shown)
    heard = read(reply(shown, content="a hat", ping=False, direct=True), shown)
    assert heard is not None
    assert (heard.meaning, heard.subject) == (Meaning.REQUEST, shown)
    assert meaning(forwarded(direct=True)) is Meaning.QUESTION
    assert meaning(forwarded(file())) is None


def test_an_answer_to_a_forwarded_picture_is_about_it_if_it_is_delivered() -> None:
    asked = reply(forwarded(file(), author=BOB_ID), content=f"{US} a hat")
    assert meaning(asked, forwarded(file(), author=BOB_ID)) is Meaning.REQUEST
    assert meaning(asked, message(BOB_ID)) is Meaning.UNREADABLE


def test_an_answer_to_forwarded_words_is_a_request_of_its_own() -> None:
    words = message(BOB_ID, message_snapshots=[snapshot(content="what a day")], message_reference=FORWARD)
    assert meaning(reply(words, content=f"{US} a sunny one"), words) is Meaning.REQUEST


def test_nothing_is_hidden_in_direct_messages() -> None:
    shown = own_picture(direct=True)
    assert meaning(reply(shown, direct=True), shown) is None
    empty = message(BOT_ID, direct=True)
    assert meaning(reply(empty, content="a hat", direct=True), empty) is Meaning.REQUEST


def test_a_direct_answer_to_a_failure_is_a_request() -> None:
    failure = message(BOT_ID, "This did not work.", direct=True)
    assert meaning(reply(failure, content="once more", direct=True), failure) is Meaning.REQUEST


# Answers to what is gone


@pytest.mark.parametrize(
    ("changes", "meant"),
    [
        ({"content": "night"}, Meaning.GONE),
        ({"content": f"{US} night", "ping": False}, Meaning.GONE),
        ({"content": "night", "ping": False}, None),
        ({"content": "night", "ping": False, "direct": True}, Meaning.GONE),
    ],
)
def test_an_answer_to_what_is_gone(changes: dict[str, Any], meant: Meaning | None) -> None:
    said = reply(own_picture(), referenced_message=None, **changes)
    assert said.reference is not None
    assert isinstance(said.reference.resolved, discord.DeletedReferencedMessage)
    heard = hear(said, said.reference.resolved, BOT_ID)
    assert (heard.meaning if heard else None) is meant


def test_where_it_cannot_be_told_what_is_answered_nothing_else_is_painted() -> None:
    assert meaning(reply(own_picture(), content="night")) is Meaning.UNREADABLE
    assert meaning(reply(own_picture(), content=f"{US} night", ping=False)) is Meaning.UNREADABLE
    assert meaning(reply(own_picture(), content="night", ping=False)) is None


def test_a_server_that_is_not_known_yet_is_no_direct_conversation() -> None:
    state = discord.Client(intents=discord.Intents.none())._connection
    channel = discord.PartialMessageable(state=state, id=CHANNEL_ID, guild_id=GUILD_ID)
    said = message(content="hello")
    said.channel = channel
    said.guild = None
    assert not is_to_be_read(said, BOT_ID)
    assert meaning(said) is None
