"""Accounts, the application, servers and members; and what does not exist."""

import pytest

from bot.sandbox.discord.entities import MEMBERS_INTENT, MESSAGE_CONTENT_INTENT
from tests.bot.sandbox.discord.rest_client import Rest


@pytest.mark.parametrize(
    "path",
    ["/users/@me", "/oauth2/applications/@me", "/gateway/bot", "/guilds/1", "/users/1", "/applications/1/commands"],
)
async def test_a_wrong_token_is_unauthorized(rest: Rest, path: str) -> None:
    assert (await rest.call("GET", path, authorization="Bot wrong")).refusal == (401, 0)
    assert rest.server.record.exchanges[-1].authorization == "Bot …rong"


async def test_an_unknown_route_is_not_found_and_recorded(rest: Rest) -> None:
    assert (await rest.call("GET", "/nothing/here")).refusal == (404, 0)
    assert (await rest.call("PUT", "/users/@me")).refusal == (405, 0)
    first, _ = rest.server.record.exchanges
    assert (first.service, first.method, first.route, first.status) == ("discord", "GET", "/nothing/here", 404)


async def test_the_bot_knows_itself(rest: Rest) -> None:
    answer = await rest.call("GET", "/users/@me")
    assert answer.headers["Content-Type"] == "application/json"
    assert (answer.body["id"], answer.body["bot"]) == (rest.world.application.bot.id, True)


async def test_the_application_tells_its_owner_and_which_privileged_intents_it_has(rest: Rest) -> None:
    rest.world.application.privileged_intents = MESSAGE_CONTENT_INTENT
    for path in ("/oauth2/applications/@me", "/applications/@me"):
        body = (await rest.call("GET", path)).body
        assert body["owner"]["id"] == rest.world.application.owner.id
        assert body["flags"] == 1 << 19 | 1 << 23
        assert body["approximate_guild_count"] == 1


async def test_the_gateway_is_where_the_server_says(rest: Rest) -> None:
    assert (await rest.call("GET", "/gateway", authorization=None)).body == {"url": rest.server.gateway_url}
    answer = await rest.call("GET", "/gateway/bot")
    assert (answer.body["url"], answer.body["shards"]) == (rest.server.gateway_url, 1)


async def test_a_direct_channel_is_opened_once(rest: Rest) -> None:
    first = await rest.call("POST", "/users/@me/channels", {"recipient_id": rest.person.id})
    again = await rest.call("POST", "/users/@me/channels", {"recipient_id": int(rest.person.id)})
    assert (first.body["type"], first.body["id"]) == (1, again.body["id"])
    assert [user["id"] for user in first.body["recipients"]] == [rest.person.id]
    assert [event for event, _ in rest.events] == ["CHANNEL_CREATE"]


async def test_a_direct_channel_needs_somebody(rest: Rest) -> None:
    answer = await rest.call("POST", "/users/@me/channels", {})
    assert answer.mistakes("recipient_id") == ["BASE_TYPE_REQUIRED"]
    answer = await rest.call("POST", "/users/@me/channels", {"recipient_id": "1"})
    assert answer.mistakes("recipient_id") == ["INVALID_RECIPIENT"]
    answer = await rest.call("POST", "/users/@me/channels", {"recipient_id": rest.world.application.bot.id})
    assert answer.refusal == (403, 50007)


async def test_accounts_are_found_by_id(rest: Rest) -> None:
    assert (await rest.call("GET", f"/users/{rest.person.id}")).body["username"] == "ann"
    assert (await rest.call("GET", "/users/1")).refusal == (404, 10013)
    assert (await rest.call("GET", "/users/ann")).refusal == (400, 50035)


async def test_a_server_is_found_if_the_bot_is_in_it(rest: Rest) -> None:
    rest.guild.tier = 3
    body = (await rest.call("GET", f"/guilds/{rest.guild.id}", query={"with_counts": "true"})).body
    assert (body["name"], body["premium_tier"], body["approximate_member_count"]) == ("Atelier", 3, 3)
    elsewhere = rest.world.add_guild("Elsewhere", with_bot=False)
    assert (await rest.call("GET", f"/guilds/{elsewhere.id}")).refusal == (403, 50001)
    assert (await rest.call("GET", "/guilds/1")).refusal == (404, 10004)


async def test_a_member_is_found_by_id(rest: Rest) -> None:
    path = f"/guilds/{rest.guild.id}/members"
    assert (await rest.call("GET", f"{path}/{rest.person.id}")).body["user"]["username"] == "ann"
    stranger = rest.world.add_user("bob")
    assert (await rest.call("GET", f"{path}/{stranger.id}")).refusal == (404, 10007)
    assert (await rest.call("GET", f"{path}/1")).refusal == (404, 10013)


async def test_listing_members_needs_the_members_intent(rest: Rest) -> None:
    path = f"/guilds/{rest.guild.id}/members"
    assert (await rest.call("GET", path)).refusal == (403, 50001)
    rest.world.application.privileged_intents = MEMBERS_INTENT
    everybody = [member["user"]["id"] for member in (await rest.call("GET", path, query={"limit": "9"})).body]
    assert everybody == sorted(rest.guild.members, key=int)
    rest_of_them = await rest.call("GET", path, query={"limit": "9", "after": everybody[0]})
    assert [member["user"]["id"] for member in rest_of_them.body] == everybody[1:]


async def test_a_channel_tells_its_kind(rest: Rest) -> None:
    thread = rest.guild.add_thread(rest.channel, "sketches")
    direct = rest.world.direct_channel(rest.person)
    for channel, kind in ((rest.channel, 0), (thread, 11), (direct, 1)):
        assert (await rest.call("GET", f"/channels/{channel.id}")).body["type"] == kind
    assert (await rest.call("GET", f"/channels/{thread.id}")).body["parent_id"] == rest.channel.id


async def test_typing_is_reported_and_answered_with_nothing(rest: Rest) -> None:
    seen: list[str] = []
    rest.world.subscribe(lambda change: seen.append(change.kind))
    assert (await rest.call("POST", f"/channels/{rest.channel.id}/typing")).status == 204
    assert seen == ["typing"]
