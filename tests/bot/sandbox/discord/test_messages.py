"""Posting, editing, deleting and reading messages with the bot's token."""

import pytest

from bot.sandbox.discord.conversation import EPHEMERAL
from bot.sandbox.discord.entities import FORUM, MEBIBYTE, MESSAGE_CONTENT_INTENT
from bot.sandbox.discord.permissions import EVERYTHING, Permission
from tests.bot.sandbox.discord.rest_client import Rest

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


def deny(rest: Rest, permissions: Permission) -> None:
    rest.channel.deny(rest.world.application.bot, permissions)


async def test_a_message_without_the_bots_token_is_unauthorized(rest: Rest) -> None:
    for authorization in (None, "Bot wrong", rest.world.application.token):
        answer = await rest.say({"content": "hi"}, authorization=authorization)
        assert answer.refusal == (401, 0)


async def test_a_channel_that_does_not_exist_is_unknown(rest: Rest) -> None:
    assert (await rest.call("POST", "/channels/1/messages", {"content": "hi"})).refusal == (404, 10003)
    assert (await rest.call("GET", "/channels/general/messages")).refusal == (400, 50035)


async def test_a_channel_that_the_bot_cannot_see_gives_missing_access(rest: Rest) -> None:
    deny(rest, Permission.VIEW_CHANNEL)
    assert (await rest.say({"content": "hi"})).refusal == (403, 50001)
    assert (await rest.call("GET", f"/channels/{rest.channel.id}")).refusal == (403, 50001)


async def test_writing_needs_the_right_to_write(rest: Rest) -> None:
    deny(rest, Permission.SEND_MESSAGES)
    assert (await rest.say({"content": "hi"})).refusal == (403, 50013)
    assert (await rest.call("POST", f"/channels/{rest.channel.id}/typing")).refusal == (403, 50013)


async def test_a_thread_asks_for_its_own_right_and_its_parents_overwrites(rest: Rest) -> None:
    thread = rest.guild.add_thread(rest.channel, "sketches")
    path = f"/channels/{thread.id}/messages"
    deny(rest, Permission.SEND_MESSAGES)
    assert (await rest.call("POST", path, {"content": "hi"})).status == 200
    deny(rest, Permission.SEND_MESSAGES_IN_THREADS)
    assert (await rest.call("POST", path, {"content": "hi"})).refusal == (403, 50013)


async def test_files_need_the_right_to_attach_them(rest: Rest) -> None:
    deny(rest, Permission.ATTACH_FILES)
    assert (await rest.say({"content": "hi"}, files=[("a.png", PNG)])).refusal == (403, 50013)
    posted = await rest.say({"content": "hi"})
    assert posted.status == 200
    path = f"/channels/{rest.channel.id}/messages/{posted.body['id']}"
    assert (await rest.call("PATCH", path, {"content": "x"}, files=[("a.png", PNG)])).refusal == (403, 50013)


async def test_embeds_are_dropped_silently_without_the_right_to_embed(rest: Rest) -> None:
    deny(rest, Permission.EMBED_LINKS)
    answer = await rest.say({"content": "hi", "embeds": [{"title": "picture"}]})
    assert (answer.status, answer.body["embeds"]) == (200, [])


async def test_an_empty_message_is_refused(rest: Rest) -> None:
    row = {"type": 1, "components": [{"type": 2, "style": 1, "label": "a", "custom_id": "a"}]}
    bodies: list[dict[str, object]] = [{}, {"content": "  \n"}, {"content": None, "embeds": []}, {"components": [row]}]
    for body in bodies:
        assert (await rest.say(body)).refusal == (400, 50006)


async def test_a_body_that_is_no_json_is_refused(rest: Rest) -> None:
    async with rest.session.post(
        f"{rest.server.api_url}/channels/{rest.channel.id}/messages",
        data=b"{",
        headers={"Authorization": f"Bot {rest.world.application.token}", "Content-Type": "application/json"},
    ) as response:
        assert (response.status, (await response.json())["code"]) == (400, 50109)


async def test_a_file_over_the_servers_limit_is_refused_until_the_server_is_boosted(rest: Rest) -> None:
    picture = [("big.png", PNG + bytes(10 * MEBIBYTE))]
    assert (await rest.say(files=picture)).refusal == (413, 40005)
    rest.guild.tier = 2
    assert (await rest.say(files=picture)).status == 200


async def test_files_together_may_not_be_over_the_limit_of_a_request(rest: Rest) -> None:
    pictures = [(f"{number}.png", PNG + bytes(9 * MEBIBYTE)) for number in range(3)]
    assert (await rest.say(files=pictures)).refusal == (413, 40005)


async def test_eleven_files_are_refused_listed_or_not(rest: Rest) -> None:
    files = [(f"{number}.png", PNG) for number in range(11)]
    assert (await rest.say({}, files=files)).refusal == (400, 30015)
    answer = await rest.say({"attachments": [{"id": number} for number in range(11)]}, files=files)
    assert answer.mistakes("attachments") == ["BASE_TYPE_MAX_LENGTH"]


async def test_an_attachment_id_without_its_file_is_refused(rest: Rest) -> None:
    answer = await rest.say({"attachments": [{"id": 0}, {"id": 1}]}, files=[("a.png", PNG)])
    assert answer.mistakes("attachments", 1) == ["ATTACHMENT_NOT_FOUND"]


async def test_alt_text_over_1024_characters_is_refused(rest: Rest) -> None:
    body = {"attachments": [{"id": 0, "description": "x" * 1025}]}
    answer = await rest.say(body, files=[("a.png", PNG)])
    assert answer.mistakes("attachments", 0, "description") == ["BASE_TYPE_MAX_LENGTH"]


async def test_files_get_their_names_and_alt_texts_from_the_entry_with_their_number(rest: Rest) -> None:
    body = {"attachments": [{"id": "1", "filename": "my cat.png", "description": "a cat"}, {"id": 0}]}
    answer = await rest.say(body, files=[("a.png", PNG), ("b.png", PNG + b"b")])
    first, second = answer.body["attachments"]
    assert (first["filename"], first["description"], first["size"]) == ("my_cat.png", "a cat", len(PNG) + 1)
    assert (second["filename"], second["content_type"]) == ("a.png", "image/png")
    assert "description" not in second


async def test_someone_elses_message_cannot_be_edited(rest: Rest) -> None:
    theirs = rest.heard()
    path = f"/channels/{rest.channel.id}/messages/{theirs.id}"
    assert (await rest.call("PATCH", path, {"content": "mine"})).refusal == (403, 50005)


async def test_someone_elses_message_is_deleted_only_by_a_moderator(rest: Rest) -> None:
    theirs = rest.heard()
    path = f"/channels/{rest.channel.id}/messages/{theirs.id}"
    assert (await rest.call("DELETE", path)).refusal == (403, 50013)
    rest.channel.allow(rest.world.application.bot, Permission.MANAGE_MESSAGES)
    assert (await rest.call("DELETE", path)).status == 204
    assert (await rest.call("GET", path)).refusal == (404, 10008)


async def test_in_a_direct_channel_nobody_is_a_moderator(rest: Rest) -> None:
    rest.channel = rest.world.direct_channel(rest.person)
    theirs = rest.heard()
    answer = await rest.call("DELETE", f"/channels/{rest.channel.id}/messages/{theirs.id}")
    assert answer.refusal == (403, 50003)


async def test_a_person_who_takes_no_direct_messages_gets_none(rest: Rest) -> None:
    opened = await rest.call("POST", "/users/@me/channels", {"recipient_id": rest.person.id})
    path = f"/channels/{opened.body['id']}/messages"
    assert (await rest.call("POST", path, {"content": "hi"})).status == 200
    rest.person.accepts_direct_messages = False
    assert (await rest.call("POST", path, {"content": "hi"})).refusal == (403, 50007)


async def test_a_deleted_message_is_gone_with_its_files(rest: Rest) -> None:
    posted = (await rest.say(files=[("a.png", PNG)])).body
    path = f"/channels/{rest.channel.id}/messages/{posted['id']}"
    assert (await rest.call("DELETE", path)).status == 204
    assert (await rest.call("PATCH", path, {"content": "x"})).refusal == (404, 10008)
    async with rest.session.get(posted["attachments"][0]["url"]) as response:
        assert response.status == 404
    assert rest.events[-1] == (
        "MESSAGE_DELETE",
        {"id": posted["id"], "channel_id": rest.channel.id, "guild_id": rest.guild.id},
    )


async def test_an_edit_changes_what_it_names_and_nothing_else(rest: Rest) -> None:
    posted = (await rest.say({"content": "one", "embeds": [{"title": "t"}]}, files=[("a.png", PNG)])).body
    path = f"/channels/{rest.channel.id}/messages/{posted['id']}"
    rest.clock.advance(5)
    edited = (await rest.call("PATCH", path, {"content": "two"})).body
    assert (edited["content"], edited["embeds"]) == ("two", posted["embeds"])
    assert [each["id"] for each in edited["attachments"]] == [posted["attachments"][0]["id"]]
    assert edited["edited_timestamp"] is not None
    assert edited["timestamp"] == posted["timestamp"]
    edited = (await rest.call("PATCH", path, {"embeds": [{"title": "u"}]})).body
    assert (edited["content"], [embed["title"] for embed in edited["embeds"]]) == ("two", ["u"])
    assert rest.events[-1][0] == "MESSAGE_UPDATE"


async def test_an_edit_to_nothing_is_refused_and_changes_nothing(rest: Rest) -> None:
    posted = (await rest.say({"content": "one"})).body
    path = f"/channels/{rest.channel.id}/messages/{posted['id']}"
    assert (await rest.call("PATCH", path, {"content": ""})).refusal == (400, 50006)
    assert (await rest.call("GET", path)).body["content"] == "one"


async def test_an_edit_keeps_the_files_it_lists_and_drops_the_others(rest: Rest) -> None:
    posted = (await rest.say({"content": "x"}, files=[("a.png", PNG), ("b.png", PNG)])).body
    path = f"/channels/{rest.channel.id}/messages/{posted['id']}"
    kept, dropped = posted["attachments"]
    edited = (
        await rest.call("PATCH", path, {"attachments": [{"id": kept["id"]}, {"id": 0}]}, files=[("c.png", PNG)])
    ).body
    assert [each["filename"] for each in edited["attachments"]] == ["a.png", "c.png"]
    async with rest.session.get(dropped["url"]) as response:
        assert response.status == 404


async def test_files_of_an_edit_that_lists_none_take_the_place_of_the_old_ones(rest: Rest) -> None:
    posted = (await rest.say({"content": "x"}, files=[("a.png", PNG)])).body
    path = f"/channels/{rest.channel.id}/messages/{posted['id']}"
    edited = (await rest.call("PATCH", path, {"content": "y"}, files=[("b.png", PNG)])).body
    assert [each["filename"] for each in edited["attachments"]] == ["b.png"]


async def test_history_comes_newest_first_and_by_window(rest: Rest) -> None:
    ids = [rest.heard(content=str(number)).id for number in range(5)]
    path = f"/channels/{rest.channel.id}/messages"

    async def window(**query: str) -> list[int]:
        answer = await rest.call("GET", path, query=query)
        return [ids.index(message["id"]) for message in answer.body]

    assert await window() == [4, 3, 2, 1, 0]
    assert await window(limit="2") == [4, 3]
    assert await window(before=ids[3], limit="2") == [2, 1]
    assert await window(after=ids[1], limit="2") == [3, 2]
    assert await window(around=ids[2], limit="3") == [3, 2, 1]


@pytest.mark.parametrize("limit", ["0", "101", "many"])
async def test_history_of_a_wrong_size_is_refused(rest: Rest, limit: str) -> None:
    answer = await rest.call("GET", f"/channels/{rest.channel.id}/messages", query={"limit": limit})
    assert answer.refusal == (400, 50035)


async def test_history_is_empty_without_the_right_to_read_it(rest: Rest) -> None:
    posted = (await rest.say({"content": "hi"})).body
    deny(rest, Permission.READ_MESSAGE_HISTORY)
    path = f"/channels/{rest.channel.id}/messages"
    assert (await rest.call("GET", path)).body == []
    assert (await rest.call("GET", f"{path}/{posted['id']}")).refusal == (403, 50013)


async def test_people_s_words_are_read_over_rest_only_with_the_privileged_intent(rest: Rest) -> None:
    rest.heard(content="hello")
    path = f"/channels/{rest.channel.id}/messages"
    assert (await rest.call("GET", path)).body[0]["content"] == ""
    rest.world.application.privileged_intents |= MESSAGE_CONTENT_INTENT
    assert (await rest.call("GET", path)).body[0]["content"] == "hello"


async def test_an_ephemeral_message_is_unknown_to_the_channels_routes(rest: Rest) -> None:
    private = rest.heard(rest.world.application.bot, flags=EPHEMERAL, visible_to=rest.person)
    path = f"/channels/{rest.channel.id}/messages"
    assert (await rest.call("GET", path)).body == []
    for method in ("GET", "PATCH", "DELETE"):
        assert (await rest.call(method, f"{path}/{private.id}")).refusal == (404, 10008)


async def test_a_reply_carries_the_message_it_answers(rest: Rest) -> None:
    asked = rest.heard(content="paint!")
    answer = await rest.say({"content": "done", "message_reference": {"message_id": asked.id}})
    assert (answer.body["type"], answer.body["message_reference"]["message_id"]) == (19, asked.id)
    assert answer.body["referenced_message"]["id"] == asked.id
    assert [user["id"] for user in answer.body["mentions"]] == [rest.person.id]


async def test_a_reply_to_nothing_is_refused_unless_told_otherwise(rest: Rest) -> None:
    reference = {"message_id": "1"}
    answer = await rest.say({"content": "done", "message_reference": reference})
    assert answer.mistakes("message_reference") == ["REPLIES_UNKNOWN_MESSAGE"]
    lenient = {**reference, "fail_if_not_exists": False}
    assert (await rest.say({"content": "done", "message_reference": lenient})).body["type"] == 0


async def test_a_reply_stays_in_its_channel(rest: Rest) -> None:
    asked = rest.heard()
    elsewhere = {"message_id": asked.id, "channel_id": rest.guild.add_channel("other").id}
    answer = await rest.say({"content": "done", "message_reference": elsewhere})
    assert answer.mistakes("message_reference") == ["REPLIES_CANNOT_REFERENCE_OTHER_CHANNEL"]


async def test_a_reply_needs_the_right_to_read_the_history(rest: Rest) -> None:
    asked = rest.heard()
    deny(rest, Permission.READ_MESSAGE_HISTORY)
    answer = await rest.say({"content": "done", "message_reference": {"message_id": asked.id}})
    assert answer.refusal == (400, 160002)


async def test_a_posted_message_reaches_the_gateway_with_server_and_member(rest: Rest) -> None:
    posted = (await rest.say({"content": "hi"})).body
    event, data = rest.events[-1]
    assert (event, data["id"], data["guild_id"]) == ("MESSAGE_CREATE", posted["id"], rest.guild.id)
    assert data["member"]["roles"] == []
    assert "guild_id" not in posted


async def test_an_administrator_may_do_everything(rest: Rest) -> None:
    deny(rest, EVERYTHING)
    bot = rest.world.application.bot
    rest.guild.members[bot.id].roles.append(rest.guild.add_role("boss", Permission.ADMINISTRATOR))
    assert (await rest.say({"content": "hi"}, files=[("a.png", PNG)])).status == 200


async def test_a_forum_takes_no_message_but_its_posts_do(rest: Rest) -> None:
    forum = rest.guild.add_channel("help", FORUM)
    refused = await rest.call("POST", f"/channels/{forum.id}/messages", {"content": "hello"})
    assert (refused.status, refused.body["code"]) == (400, 50008)
    post = rest.guild.add_thread(forum, "How do I paint?")
    assert (await rest.call("POST", f"/channels/{post.id}/messages", {"content": "hello"})).status == 200
