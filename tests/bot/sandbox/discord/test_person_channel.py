import asyncio

import aiohttp
import pytest

from bot.sandbox.discord.people import NotPossible, Person, SeenMessage, Upload, WaitedInVain
from bot.sandbox.discord.permissions import Permission
from tests.bot.sandbox.discord.rest_client import Rest


@pytest.fixture
def ann(rest: Rest) -> Person:
    return Person(rest.world, rest.person, rest.channel, record=rest.server.record)


# Waiting


async def test_a_wait_in_vain_says_what_the_channel_showed_and_what_was_exchanged(rest: Rest, ann: Person) -> None:
    await rest.say({"content": "painting…"})
    await rest.say({"content": "x" * 2001})
    with pytest.raises(WaitedInVain) as error:
        await ann.waits_for(lambda seen: seen.files, timeout=0.01)
    report = str(error.value)
    assert "easel: painting…" in report
    assert "discord POST /channels/{channel_id}/messages → 200" in report
    assert "→ 400 (50035 Invalid Form Body)" in report


async def test_an_empty_channel_is_reported_as_such(ann: Person) -> None:
    with pytest.raises(WaitedInVain, match=r"The channel shows:\n  nothing"):
        await ann.waits_until(lambda: False, "a miracle", timeout=0.01)


async def test_a_message_that_is_there_is_found_at_once(rest: Rest, ann: Person) -> None:
    await rest.say({"content": "hello"})
    assert (await ann.waits_for(lambda seen: seen.content == "hello")).author == "easel"


async def test_a_message_that_comes_later_wakes_the_wait(rest: Rest, ann: Person) -> None:
    waiting = asyncio.create_task(ann.waits_for(lambda seen: seen.content == "done"))
    await rest.say({"content": "painting…"})
    assert not waiting.done()
    await rest.say({"content": "done"})
    assert (await waiting).content == "done"


async def test_an_edit_and_a_deletion_wake_the_wait(ann: Person) -> None:
    first = await ann.says("frist")
    edited = asyncio.create_task(ann.waits_for(lambda seen: seen.content == "first"))
    gone = asyncio.create_task(ann.waits_until(lambda: not ann.sees(), "an empty channel"))
    await asyncio.sleep(0)
    await ann.edits(first, "first")
    assert (await edited).edited
    await ann.deletes(first)
    await gone


async def test_only_newer_messages_count_if_asked(rest: Rest, ann: Person) -> None:
    await rest.say({"content": "done"})
    [old] = ann.sees()
    waiting = asyncio.create_task(ann.waits_for(lambda seen: seen.content == "done", after=old))
    await asyncio.sleep(0)
    assert not waiting.done()
    await rest.say({"content": "done"})
    assert (await waiting).id != old.id


async def test_a_watcher_is_told_of_every_change_until_it_leaves(rest: Rest, ann: Person) -> None:
    told: list[tuple[str, str]] = []

    def note(kind: str, seen: SeenMessage) -> None:
        told.append((kind, seen.content))

    leave = ann.watch(note)
    message = await ann.says("one")
    await ann.edits(message, "two")
    await ann.at(rest.guild.add_channel("elsewhere")).says("not here")
    await ann.deletes(message)
    leave()
    await ann.says("three")
    assert told == [("message_created", "one"), ("message_updated", "two"), ("message_deleted", "two")]


# Seeing


async def test_files_are_downloaded_through_the_cdn_while_their_address_is_valid(rest: Rest, ann: Person) -> None:
    await rest.say({"content": "here"}, files=[("SPOILER_out.txt", b"bytes")])
    [message] = ann.sees()
    [file] = message.files
    assert (file.filename, file.size, file.spoiler, file.is_picture) == ("SPOILER_out.txt", 5, True, False)
    assert await ann.download(file) == b"bytes"
    rest.clock.advance(25 * 3600)
    with pytest.raises(aiohttp.ClientResponseError):
        await ann.download(file)
    assert await ann.download(ann.sees()[0].files[0]) == b"bytes"


async def test_pictures_of_components_v2_are_pictures_but_no_files(rest: Rest, ann: Person) -> None:
    gallery = {"type": 12, "items": [{"media": {"url": "attachment://cat.png"}}]}
    png = b"\x89PNG\r\n\x1a\n"
    answer = await rest.say({"flags": 1 << 15, "components": [gallery]}, files=[("cat.png", png)])
    assert answer.status == 200, answer.body
    [message] = ann.sees()
    assert message.files == ()
    [picture] = message.pictures
    assert picture.filename == "cat.png"
    assert await ann.download(picture) == png


async def test_texts_of_embeds_are_read(rest: Rest, ann: Person) -> None:
    embed = {
        "title": "Title",
        "description": "Words",
        "fields": [{"name": "Key", "value": "Value"}],
        "footer": {"text": "End"},
    }
    await rest.say({"embeds": [embed]})
    assert ann.sees()[0].text == "Title\nWords\nKey: Value\nEnd"


async def test_mentions_are_seen(rest: Rest, ann: Person) -> None:
    await rest.say({"content": f"{rest.person.mention} done", "allowed_mentions": {"users": [rest.person.id]}})
    await rest.say({"content": f"{rest.person.mention} done", "allowed_mentions": {"parse": []}})
    assert [seen.mentioned for seen in ann.sees()] == [(rest.person.id,), ()]


# Talking


@pytest.mark.parametrize("content", ["", "x" * 2001])
async def test_an_empty_or_too_long_message_is_not_sent(ann: Person, content: str) -> None:
    with pytest.raises(NotPossible, match="1 to 2000"):
        await ann.says(content)
    assert ann.sees() == ()


async def test_who_has_nitro_writes_longer_messages(ann: Person) -> None:
    ann.user.longest_message = 4000
    assert len((await ann.says("x" * 4000)).content) == 4000
    with pytest.raises(NotPossible, match="1 to 4000"):
        await ann.says("x" * 4001)


async def test_a_message_has_at_most_ten_files(ann: Person) -> None:
    assert len((await ann.says(files=[b"x"] * 10)).files) == 10
    with pytest.raises(NotPossible, match="10 files"):
        await ann.says("look", files=[b"x"] * 11)


async def test_who_may_not_write_or_attach_does_not(rest: Rest, ann: Person) -> None:
    rest.channel.deny(rest.person, Permission.ATTACH_FILES)
    with pytest.raises(NotPossible, match="attach"):
        await ann.says("look", files=[b"x"])
    rest.channel.deny(rest.person, Permission.SEND_MESSAGES)
    with pytest.raises(NotPossible, match="write"):
        await ann.says("hello")


async def test_other_peoples_messages_can_be_neither_edited_nor_deleted(rest: Rest, ann: Person) -> None:
    await rest.say({"content": "hello"})
    [message] = ann.sees()
    with pytest.raises(NotPossible, match="someone else's"):
        await ann.edits(message, "bye")
    with pytest.raises(NotPossible, match="someone else's"):
        await ann.deletes(message)


async def test_a_message_and_its_files_reach_the_bot(rest: Rest, ann: Person) -> None:
    bot = rest.world.application.bot
    await ann.says(f"{bot.mention} look", files=[Upload("cat.png", b"miaow")])
    [created] = [data for event, data in rest.events if event == "MESSAGE_CREATE"]
    assert created["content"] == f"<@{bot.id}> look"
    assert [user["id"] for user in created["mentions"]] == [bot.id]
    assert created["attachments"][0]["filename"] == "cat.png"
    assert created["guild_id"] == rest.guild.id


@pytest.mark.parametrize("ping", [True, False])
async def test_a_reply_names_what_it_answers_and_pings_if_it_shall(rest: Rest, ann: Person, ping: bool) -> None:
    await rest.say({"content": "a picture"})
    [picture] = ann.sees()
    reply = await ann.says("bluer", reply_to=picture, ping=ping)
    created = [data for event, data in rest.events if event == "MESSAGE_CREATE"][-1]
    assert created["type"] == 19
    assert created["referenced_message"]["id"] == picture.id == reply.reply_to
    assert bool(created["mentions"]) is ping
