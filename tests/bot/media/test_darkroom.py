import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from bot.errors import ImageError
from bot.media import Darkroom, ImageFormat
from bot.media.hands import Hands
from tests.darkrooms import open_darkroom
from tests.pictures import noise, picture, very_large


@pytest.fixture(scope="module")
def darkroom() -> Iterator[Darkroom]:
    with open_darkroom(1) as darkroom:
        yield darkroom


@pytest.fixture
def three() -> Iterator[Darkroom]:
    with open_darkroom(3) as darkroom:
        yield darkroom


class TestDarkroom:
    async def test_works_beside_the_event_loop(self, darkroom: Darkroom) -> None:
        looks = asyncio.gather(
            darkroom.inspect(picture(), name="a"),
            darkroom.prepare_reference(picture("GIF"), name="b"),
            darkroom.fit(noise((300, 200)), 20_000, name="c"),
        )
        assert not looks.done()
        info, prepared, fitted = await looks
        assert info.format is ImageFormat.PNG
        assert prepared.filename == "b.png"
        assert len(fitted.data) <= 20_000

    async def test_passes_a_refusal_on(self, darkroom: Darkroom) -> None:
        with pytest.raises(ImageError) as caught:
            await darkroom.inspect(b"", name="a")
        assert caught.value.text.key == "image.not_an_image"

    async def test_tells_a_picture_that_fits_from_one_that_was_made_to_fit(self, darkroom: Darkroom) -> None:
        data = picture()
        assert (await darkroom.fit(data, 2**20, name="x")).data is data

    async def test_works_on_no_more_pictures_at_once_than_it_has_hands(self, darkroom: Darkroom) -> None:
        finished: list[str] = []

        async def work(name: str, data: bytes) -> None:
            await darkroom.fit(data, 20_000, name=name)
            finished.append(name)

        await asyncio.gather(work("slow", noise((900, 900))), work("quick", picture()))
        assert finished == ["slow", "quick"]

    async def test_works_on_one_picture_of_very_many_pixels_at_a_time(
        self, three: Darkroom, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        data = very_large("PNG", compress_level=1)
        begun: list[Hands] = []
        do = Hands.do

        async def seen(hands: Hands, work: Any, name: str) -> Any:
            begun.append(hands)
            return await do(hands, work, name)

        monkeypatch.setattr(Hands, "do", seen)
        await asyncio.gather(*(three.upright_size(data, name="x") for _ in range(2)))
        assert begun.count(three._large) == 2
        assert three._large._threads._max_workers == 1
        await three.upright_size(picture(), name="x")
        assert begun[-1] is three._hands
