"""The words of messages: what remains of the text, and whether there is any."""

import discord
import pytest

from bot.ui.words_in import Meaning, hear, words_of
from tests.messages import BOB_ID, BOT_ID, CHANNEL_ID, ROLE_ID, file, message, reply, user

US = f"<@{BOT_ID}>"


def own_picture() -> discord.Message:
    return message(BOT_ID, "a lighthouse", attachments=[file("easel-01hf7yat6zm6d4w3htsj-1.png")])


def meaning(said: discord.Message, answered: discord.Message | None = None) -> Meaning | None:
    heard = hear(said, answered, BOT_ID)
    return heard.meaning if heard else None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (f"{US} a lighthouse", "a lighthouse"),
        (f"<@!{BOT_ID}> a lighthouse", "a lighthouse"),
        (f"{US}, a lighthouse", "a lighthouse"),
        (f"{US}: a lighthouse", "a lighthouse"),
        (f"  {US}   a lighthouse  ", "a lighthouse"),
        (f"please {US} paint", "please paint"),
        (f"a lighthouse {US}", "a lighthouse"),
        (f"{US} {US}", ""),
        (f"{US}", ""),
        (f"{US} --4k", "--4k"),
        (f"{US}\nfirst line\nsecond line", "first line\nsecond line"),
        (f"first line {US}\nsecond line", "first line \nsecond line"),
        ("nothing special", "nothing special"),
        ("", ""),
        (f"like <@{BOB_ID}>", "like bob"),
        (f"like <@!{BOB_ID}>", "like bob"),
        ("like <@299999999999999999>", "like someone"),
        (f"for <@&{ROLE_ID}>", "for Artists"),
        ("for <@&299999999999999999>", "for role"),
        (f"in <#{CHANNEL_ID}>", "in #gallery"),
        ("in <#299999999999999999>", "in #channel"),
        ("<:cat:299999999999999999> <a:dance:299999999999999999>", ":cat: :dance:"),
        ("like </imagine:299999999999999999>", "like /imagine"),
        ("@everyone and @here", "@everyone and @here"),
        ("1 < 2 and <b>", "1 < 2 and <b>"),
    ],
)
def test_words_are_what_people_read(content: str, words: str) -> None:
    mentions = [user(BOT_ID), user(BOB_ID)]
    assert words_of(message(content=content, mentions=mentions), BOT_ID) == words


def test_in_a_direct_message_there_are_no_roles_and_channels() -> None:
    said = message(content=f"for <@&{ROLE_ID}> in <#{CHANNEL_ID}>", direct=True)
    assert words_of(said, BOT_ID) == "for role in #channel"


@pytest.mark.parametrize(
    "content",
    [
        *("😂", "👍🏽", "❤️", "1️⃣", "ℹ️", "🇩🇪", "👨‍👩‍👧", "😂 😂\n😂"),
        *("!!!", "...", "?", "^^", ":)", ":D", "<3", "T_T", "+1", "10/10", "100 %", "—", "*", "``"),
        *("<:cat:299999999999999999>", "<a:dance:299999999999999999> ❤️", f"<@{BOB_ID}>", f"<#{CHANNEL_ID}> !"),
        *("@everyone", "@here 😂", "https://tenor.com/view/cat-gif-123", "<https://a.example/b> 😂"),
        *("</imagine:299999999999999999>", "<t:1700000000:R>"),
    ],
)
def test_a_reaction_without_a_word_is_no_request(content: str) -> None:
    shown = own_picture()
    assert meaning(reply(shown, content=content), shown) is None
    assert meaning(reply(shown, content=content, direct=True), shown) is None
    assert meaning(reply(shown, content=f"{US} {content}"), shown) is Meaning.WORDLESS
    assert meaning(message(content=f"{US} {content}")) is Meaning.QUESTION
    assert meaning(message(content=content, direct=True)) is Meaning.QUESTION


@pytest.mark.parametrize(
    "content",
    [
        "night",
        "夜",
        "ночь",
        "ليل",
        "रात",
        "밤",
        "make it ❤️",
        "--4k",
        "--16:9",
        "<:cat:299999999999999999> hat",
        "2x as big",
    ],
)
def test_a_word_in_any_script_is_a_request(content: str) -> None:
    shown = own_picture()
    assert meaning(reply(shown, content=content), shown) is Meaning.REQUEST
    assert meaning(message(content=f"{US} {content}")) is Meaning.REQUEST
    assert meaning(message(content=content, direct=True)) is Meaning.REQUEST
