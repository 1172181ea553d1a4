import pytest

from tests.stage import Stage


@pytest.mark.parametrize(
    ("event", "data"),
    [
        ("INTERACTION_CREATE", {"id": "1"}),
        ("MESSAGE_CREATE", {"id": "1", "channel_id": None}),
        ("MESSAGE_DELETE", []),
        ("GUILD_CREATE", {"id": "many"}),
        ("SOMETHING_NEW", None),
    ],
)
async def test_an_event_that_cannot_be_read_ends_nothing(stage: Stage, event: str, data: object) -> None:
    for session in stage.discord.gateway.sessions:
        session.dispatch(event, data)  # type: ignore[arg-type] - as Discord would not send it
    ada = stage.person()
    await ada.command("imagine", prompt="a lighthouse")
    await stage.result(ada)
