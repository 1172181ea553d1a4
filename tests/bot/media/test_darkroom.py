import asyncio
import threading

import pytest

from bot.errors import ImageError
from bot.media import Darkroom, ImageFormat
from tests.pictures import noise, picture, very_large


class TestDarkroom:
    async def test_works_beside_the_event_loop(self) -> None:
        darkroom = Darkroom()
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

    async def test_passes_a_refusal_on(self) -> None:
        with pytest.raises(ImageError):
            await Darkroom().inspect(b"", name="a")

    async def test_works_on_no_more_pictures_at_once_than_it_has_hands(self) -> None:
        darkroom = Darkroom(workers=1)
        finished: list[str] = []

        async def work(name: str, data: bytes) -> None:
            await darkroom.fit(data, 20_000, name=name)
            finished.append(name)

        await asyncio.gather(work("slow", noise((900, 900))), work("quick", picture()))
        assert finished == ["slow", "quick"]

    async def test_works_on_one_picture_of_very_many_pixels_at_a_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        data = very_large("PNG", compress_level=1)
        at_once: list[int] = []
        busy = threading.Semaphore(9)

        def slowly(_: bytes, *, name: str) -> tuple[int, int]:
            with busy:
                at_once.append(9 - busy._value)
                threading.Event().wait(0.05)
            return 1, len(name)

        monkeypatch.setattr("bot.media.darkroom.upright_size", slowly)
        darkroom = Darkroom(workers=3)
        await asyncio.gather(*(darkroom.upright_size(data, name="x") for _ in range(3)))
        assert at_once == [1, 1, 1]
        await asyncio.gather(*(darkroom.upright_size(picture(), name="x") for _ in range(3)))
        assert max(at_once[3:]) > 1
