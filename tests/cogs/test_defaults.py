"""What a person usually wants, for where they do not say."""

from typing import Any

import pytest

from bot.jobs.preferences import Preferences
from bot.sandbox.discord.people import Person
from bot.texts import Text
from tests.orders import NANO_BANANA_2, NANO_BANANA_PRO
from tests.stage import Stage

VERTEX = "gemini-2.5-flash-image-official"
NOTHING = """**Unless you say otherwise, your requests use:**
- Model: Nano Banana 2, Easel's default
- Ratio: that of your first picture, or the model's default
- Resolution: the model's default
- Seen by: everyone in the channel
-# Change it with the options of this command; `clear:True` forgets what you set."""


async def told(person: Person, **options: Any) -> str:
    """What the command answers, to this person alone."""
    answer = await (await person.command("defaults", **options)).answer()
    assert answer.ephemeral
    return answer.content


async def kept(stage: Stage, person: Person) -> Preferences:
    return await stage.services.preferences.of(int(person.user.id))


async def test_who_never_chose_is_told_what_holds_for_everyone(stage: Stage) -> None:
    ada = stage.person()
    assert await told(ada) == NOTHING
    assert await kept(stage, ada) == Preferences()


async def test_what_is_chosen_is_told_and_holds_from_then_on(stage: Stage) -> None:
    ada = stage.person()
    answer = await told(ada, model=NANO_BANANA_PRO, ratio="widescreen", resolution="4k", private=True)
    assert answer.splitlines()[1:5] == [
        "- Model: Nano Banana Pro",
        "- Ratio: 16:9 widescreen",
        "- Resolution: 4K",
        "- Seen by: you alone",
    ]
    assert str(Text("defaults.private_words")) in answer
    assert await told(ada) == answer
    await ada.command("imagine", prompt="a fox")
    result = await stage.result(ada)
    assert result.ephemeral
    (task,) = stage.gateway.tasks
    assert (task.request.model.id, task.request.ratio, task.request.resolution) == (NANO_BANANA_PRO, "16:9", "4K")


async def test_one_choice_leaves_the_others_as_they_are(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    await told(ada, model=NANO_BANANA_PRO, ratio="16:9", resolution="2K", private=True)
    await told(ada, ratio="1:1")
    await told(ada, private=False)
    assert await kept(stage, ada) == Preferences(model=NANO_BANANA_PRO, ratio="1:1", resolution="2K", private=False)
    assert await kept(stage, bob) == Preferences()


async def test_an_automatic_ratio_takes_the_usual_one_back(stage: Stage) -> None:
    ada = stage.person()
    await told(ada, ratio="16:9")
    assert "Ratio: that of your first picture" in await told(ada, ratio="auto")
    assert (await kept(stage, ada)).ratio is None


async def test_all_can_be_taken_back_and_chosen_anew_at_once(stage: Stage) -> None:
    ada = stage.person()
    await told(ada, model=NANO_BANANA_PRO, ratio="16:9", private=True)
    await told(ada, clear=True, resolution="2K")
    assert await kept(stage, ada) == Preferences(resolution="2K")
    assert await told(ada, clear=True) == NOTHING


@pytest.mark.parametrize(
    ("before", "options", "reason"),
    [
        ({}, {"ratio": "17:9"}, "Nano Banana 2 does not know the ratio “17:9”"),
        ({}, {"model": NANO_BANANA_PRO, "ratio": "8:1"}, "Nano Banana Pro does not know the ratio “8:1”"),
        ({"model": NANO_BANANA_PRO}, {"ratio": "8:1"}, "Nano Banana Pro does not know the ratio “8:1”"),
        ({"model": NANO_BANANA_PRO}, {"resolution": "0.5K"}, "Nano Banana Pro does not offer the resolution “0.5K”"),
        ({"model": VERTEX}, {"resolution": "1K", "private": True}, "has no choice of resolution"),
    ],
)
async def test_what_the_model_cannot_do_is_refused_and_changes_nothing(
    stage: Stage, before: dict[str, Any], options: dict[str, Any], reason: str
) -> None:
    ada = stage.person()
    await stage.services.preferences.keep(int(ada.user.id), Preferences(**before))
    assert reason in (await told(ada, **options)).replace("\\", "")
    assert await kept(stage, ada) == Preferences(**before)


async def test_what_a_new_model_lacks_is_kept_for_others_and_told(stage: Stage) -> None:
    ada = stage.person()
    await told(ada, ratio="8:1", resolution="4K")
    answer = await told(ada, model=VERTEX)
    assert "-# Nano Banana (Vertex direct) does not offer 8:1, so it is left out there" in answer
    assert "-# Nano Banana (Vertex direct) does not offer 4K, so it is left out there" in answer
    assert await kept(stage, ada) == Preferences(model=VERTEX, ratio="8:1", resolution="4K")


async def test_a_model_that_is_gone_is_as_if_none_was_chosen(stage: Stage) -> None:
    ada = stage.person()
    await stage.services.preferences.keep(int(ada.user.id), Preferences(model="gemini-1"))
    assert await told(ada) == NOTHING


async def test_suggestions_follow_the_model(stage: Stage) -> None:
    ada = stage.person()
    await stage.services.preferences.keep(int(ada.user.id), Preferences(model=VERTEX))
    assert "8:1" not in (await ada.suggestions("defaults", focused="ratio")).values()
    assert await ada.suggestions("defaults", focused="resolution") == {}
    chosen = await ada.suggestions("defaults", focused="resolution", model=NANO_BANANA_2, ratio="16:9")
    assert list(chosen.values()) == ["0.5K", "1K", "2K", "4K"]
    assert next(iter((await ada.suggestions("defaults", focused="ratio")).values())) == "auto"


async def test_choices_survive_a_restart(stage: Stage) -> None:
    ada = stage.person()
    answer = await told(ada, model=NANO_BANANA_PRO, private=True)
    await stage.stop_bot()
    await stage.start_bot()
    assert await told(ada) == answer
