"""Whatever JSON arrives, the stand-in answers as Discord would: it never breaks, and grants nothing malformed."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.sandbox.discord.conversation import AUTOCOMPLETE, COMPONENT
from bot.sandbox.discord.forms import is_list, is_object
from bot.sandbox.discord.ratelimits import Limit, RateLimits
from tests.bot.sandbox.discord.rest_client import Rest

KEYS = (
    *("content", "embeds", "components", "flags", "attachments", "allowed_mentions", "message_reference", "nonce"),
    *("type", "data", "choices", "title", "description", "custom_id", "name", "value", "options", "label", "style"),
    *("url", "items", "media", "component", "accessory", "fields", "footer", "author", "image", "file", "color"),
    *("parse", "users", "roles", "id", "filename", "message_id", "channel_id", "recipient_id", "min_values"),
)
LEAVES = (
    st.none() | st.booleans() | st.integers(-2, 25) | st.text(max_size=4) | st.sampled_from(["attachment://a", "1", ""])
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=25,
)


def near(form: Any) -> st.SearchStrategy[Any]:
    """The form with anything in the place of one of its parts, or the form itself."""
    if is_object(form):
        return JSON | st.fixed_dictionaries({key: near(part) for key, part in form.items()})
    if is_list(form):
        return JSON | st.tuples(*(near(item) for item in form)).map(list)
    return st.just(form) | JSON


BUTTON = {"type": 2, "style": 1, "label": "go", "custom_id": "a"}
SELECT = {"type": 3, "custom_id": "s", "options": [{"label": "a", "value": "a"}]}
MESSAGES = near(
    {
        "content": "hi",
        "embeds": [{"title": "t", "image": {"url": "attachment://a"}, "fields": [{"name": "n", "value": "v"}]}],
        "components": [{"type": 1, "components": [BUTTON]}, {"type": 1, "components": [SELECT]}],
        "attachments": [{"id": 0, "description": "d"}],
        "allowed_mentions": {"parse": ["roles"], "users": ["1"]},
        "message_reference": {"message_id": "1", "fail_if_not_exists": False},
    }
)
LAYOUTS = near(
    {
        "flags": 1 << 15,
        "components": [
            {"type": 17, "components": [{"type": 12, "items": [{"media": {"url": "https://x.example"}}]}]},
            {"type": 9, "components": [{"type": 10, "content": "x"}], "accessory": BUTTON},
        ],
    }
)
MODALS = near(
    {
        "custom_id": "m",
        "title": "M",
        "components": [{"type": 18, "label": "l", "component": {"type": 4, "style": 1, "custom_id": "t"}}],
    }
)
COMMANDS = near(
    {
        "name": "imagine",
        "description": "Paint",
        "options": [{"type": 3, "name": "model", "description": "d", "choices": [{"name": "n", "value": "v"}]}],
    }
)
together = settings(
    max_examples=30,
    deadline=None,
    # The world may carry what earlier forms left in it; no form may break it.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


def without_limits(rest: Rest) -> None:
    rest.server.limiter.limits = RateLimits(otherwise=Limit(10**9, 1.0), everywhere=Limit(10**9, 1.0))


@given(form=MESSAGES | LAYOUTS)
@together
async def test_no_message_form_breaks_the_stand_in(rest: Rest, form: Any) -> None:
    without_limits(rest)
    path = f"/channels/{rest.channel.id}/messages"
    posted = (await rest.say({"content": "hi"})).body["id"]
    statuses = [
        (await rest.say(form)).status,
        (await rest.say(form, files=[("a", b"a")])).status,
        (await rest.call("PATCH", f"{path}/{posted}", form)).status,
    ]
    interaction = rest.interaction()
    statuses.append((await rest.answer(interaction, 4, form)).status)
    await rest.answer(interaction, 5)
    statuses.append((await rest.follow_up(interaction, form)).status)
    statuses.append((await rest.original("PATCH", interaction, form)).status)
    message = rest.world.message(rest.channel.id, posted)
    statuses.append((await rest.answer(rest.interaction(COMPONENT, message=message), 7, form)).status)
    assert set(statuses) <= {200, 400}


@given(form=MODALS | near({"choices": [{"name": "n", "value": "v"}]}), kind=st.integers(1, 12))
@together
async def test_no_callback_breaks_the_stand_in(rest: Rest, form: Any, kind: int) -> None:
    without_limits(rest)
    typing = {"options": [{"name": "ratio", "type": 3, "value": "1", "focused": True}]}
    for interaction in (rest.interaction(), rest.interaction(AUTOCOMPLETE, data=typing)):
        assert (await rest.answer(interaction, kind, form)).status in {200, 400}


@given(form=COMMANDS)
@together
async def test_no_command_breaks_the_stand_in(rest: Rest, form: Any) -> None:
    without_limits(rest)
    path = f"/applications/{rest.world.application.id}/commands"
    for method, body in (("PUT", [form]), ("PUT", form), ("POST", form)):
        assert (await rest.call(method, path, body)).status in {200, 201, 400}
    (command,) = (await rest.call("PUT", path, [{"name": "usage", "description": "x"}])).body
    assert (await rest.call("PATCH", f"{path}/{command['id']}", form)).status in {200, 400}


@given(body=JSON)
@together
async def test_no_other_body_breaks_the_stand_in(rest: Rest, body: Any) -> None:
    without_limits(rest)
    assert (await rest.call("POST", "/users/@me/channels", body)).status in {200, 400}
