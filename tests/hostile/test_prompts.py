"""Prompts of people who try: wherever one is shown, it is text and no more, and what they wrote is painted."""

import logging
import re
import unicodedata
from dataclasses import dataclass

import pytest

from bot.sandbox.discord.components import walk
from bot.sandbox.discord.entities import Json
from bot.sandbox.discord.people import Person, SeenMessage
from bot.sandbox.discord.people.modals import Modal
from bot.sandbox.record import Exchange
from bot.ui.inert import length, plain
from tests.forms import PROMPT, filled_in, modal_of, reopened
from tests.stage import Stage

SHOWN = 300  # characters of a prompt in messages


@dataclass(frozen=True, kw_only=True)
class Row:
    """A prompt, and what no message may contain of it as it stands there."""

    prompt: str
    live: tuple[str, ...] = ()
    painted: str | None = None


ROWS = {
    "markdown": Row(
        prompt="**bold** __under__ ~~gone~~ ||hidden|| # title",
        live=("**bold", "__under", "~~gone", "||hidden", " # title"),
    ),
    "lines": Row(
        prompt="first\n\n# title\r\n- item\u2028> quote\n-# small",
        live=("\n# ", "\n- item", "\n> quote", "\n-# small"),
    ),
    "mentions": Row(
        prompt="@everyone @here <@987654321098765432> <@!1> <@&4567> <#789> </imagine:12> <id:guide>",
        live=("<@9", "<@!1", "<@&", "<#", "</", "<id"),
    ),
    "emoji": Row(prompt="<:kappa:123456789012345678> <a:x:1> :smile:", live=("<:", "<a:", ":smile:")),
    "timestamp": Row(prompt="<t:1111111111:R> <t:0>", live=("<t:1111111111", "<t:0>")),
    "links": Row(
        prompt="https://evil.example/x [a](https://evil.example) <http://evil.example> discord.gg/evil",
        live=("https:", "http:", "](", "discord.gg/"),
    ),
    "fences": Row(prompt="``` js\ncode\n``` and ``two`` and `one", live=("`",)),
    "backslashes": Row(prompt="\\" * 31 + "*bold* \\<@9> \\`", live=("<@9",)),
    "right to left": Row(prompt="\u202egnp.exe\u202c \u2066x\u2069 \u061c\u200f", live=("\u202e", "\u2066", "\u200f")),
    "zero width": Row(prompt="a\u200b\u200bb\u2060c\ufeff\u00ad", live=("\u200b", "\u2060", "\ufeff", "\u00ad")),
    "controls": Row(prompt="a\x00b\x07\x1b[31mred\x7f\x9b", live=("\x00", "\x07", "\x1b", "\x9b")),
    "half a character": Row(prompt="a\ud83d fox \udc00", live=("\ud83d",), painted="a\ufffd fox \ufffd"),
    "accents": Row(prompt="a" + "\u0301" * 400, live=("\u0301" * 5,)),
    "ids": Row(prompt="again:01hf7yavav9v4rk1zmnw cancel:1 draft:1 compose:1 history:older:1"),
    "a template": Row(prompt="{owner} {prompt} {0.__class__} %(name)s %s $HOME"),
    "JSON": Row(prompt='"}, {"content": "\\u0040everyone", "flags": 4096}'),
    "dashes": Row(prompt="a - b – c — d, half--private, 2 -- 3"),
    "6000 characters": Row(prompt="word " * 1199 + "end."),
    "6000 units of emoji": Row(prompt="😀" * 3000),
    "6000 that are escaped": Row(prompt="*_" * 3000, live=("*_*",)),
    "one very long word": Row(prompt="W" * 6000),
}
WORDLESS = {"timestamp", "zero width", "accents", "half a character"}
"""What asks for nothing when it is said to the bot, or cannot be said."""


def texts_in(payload: Json) -> list[str]:
    """Everything that a message says with markup."""
    shown = [str(each["content"]) for each in walk(payload.get("components") or []) if each.get("content")]
    return [payload.get("content") or "", *shown]


def look(row: Row, message: SeenMessage) -> None:
    """See that the prompt is shown as text."""
    for text in texts_in(message.payload):
        assert length(text) <= 4000
        outside = re.sub(r"^```\n.*?\n```$", "", text, flags=re.DOTALL | re.MULTILINE)  # where nothing is markup
        assert "```" not in outside
        unescaped = re.sub(r"\\[^0-9A-Za-z\s]", "", outside)
        assert not [live for live in row.live if live in unescaped]


def quoted(message: SeenMessage) -> str:
    """The prompt as a reader sees it."""
    (line,) = [line for text in texts_in(message.payload) for line in text.splitlines() if line.startswith("> ")]
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", line.removeprefix("> "))


def is_filled_in(form: Modal, prompt: str) -> bool:
    """Whether the form holds it, or as much as a field takes."""
    words = filled_in(form)[PROMPT]
    return words == prompt or (prompt.startswith(words.rstrip("…")) and 3990 <= length(words) <= 4000)


def pings(exchange: Exchange) -> set[str]:
    """Whom a message that the bot sends may notify, whatever it says."""
    form = exchange.body.get("data") or exchange.body
    if not {"content", "components", "embeds"} & set(form) or exchange.body.get("type") in {8, 9}:
        return set()  # neither a message nor with words: suggestions, forms
    allowed = form["allowed_mentions"]
    assert not set(allowed.get("parse") or ()) & {"everyone", "roles", "users"}
    assert not allowed.get("roles")
    return set(map(str, allowed.get("users") or ()))


async def walk_through(stage: Stage, ada: Person, row: Row) -> None:
    """See a prompt in everything that shows it."""
    written = row.painted or row.prompt
    look(row, await (await ada.command("imagine", prompt=row.prompt)).answer())
    result = await stage.result(ada)
    await stage.tidied(await stage.job_of(result))
    look(row, result)
    assert quoted(result) == plain(written, SHOWN)
    assert result.mentioned == (ada.user.id,)
    assert stage.gateway.tasks[-1].request.prompt == written

    (file,) = result.files
    assert file.description is not None
    assert 0 < length(file.description) <= 1024
    assert not [letter for letter in file.description if unicodedata.category(letter) in {"Cc", "Cs"}]

    told = await (await ada.press(result, "Details")).answer()
    look(row, told)
    kept = (await ada.download(told.files[0])).decode() if told.files else told.content
    assert written in kept
    assert kept.count("/imagine prompt:") == 1

    form = await ada.press(result, "Edit")
    await form.opened_modal()
    assert is_filled_in(modal_of(form), written)

    panel = await (await ada.command("history")).answer()
    look(row, panel)
    assert quoted(panel).rstrip("…") == plain(written, SHOWN)[: len(quoted(panel).rstrip("…"))]

    refusal = await (await ada.command("imagine", prompt=row.prompt, more="*no* such thing")).answer()
    look(row, refusal)
    assert is_filled_in(modal_of(await reopened(ada, refusal)), written)


@pytest.mark.exhaustive
async def test_prompts_are_text_wherever_they_are_shown(
    stage: Stage, caplog: pytest.LogCaptureFixture, subtests: pytest.Subtests
) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    for name, row in ROWS.items():
        with subtests.test(name):
            await walk_through(stage, stage.person(name, stage.guild.add_channel("easel")), row)
    for name, row in ROWS.items():
        if length(row.prompt) < 1500 and name not in WORDLESS:
            with subtests.test(f"{name}, in words"):
                ada = stage.person(name, stage.guild.add_channel("easel"))
                asked = await ada.says(f"{stage.mention} {row.prompt}")
                result = await stage.result(ada, after=asked)
                look(row, result)
                assert quoted(result) == plain(stage.gateway.tasks[-1].request.prompt, SHOWN)
    sent = [exchange for exchange in stage.record.matching(service="discord") if isinstance(exchange.body, dict)]
    people = {user.id for user in stage.world.users.values() if user.name in ROWS}
    assert set[str]().union(*map(pings, sent)) <= people
    assert not [row for row in ROWS.values() if row.prompt in caplog.text]
