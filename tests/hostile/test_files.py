"""Files of people who try: lying names, sizes, types and contents are refused by name or made harmless."""

import copy
import re
import zlib
from dataclasses import dataclass, field
from io import BytesIO
from struct import pack
from typing import Any

import pytest
from PIL import Image

from bot.errors import ImageError
from bot.sandbox.discord.conversation import COMMAND
from bot.sandbox.discord.entities import Json
from bot.sandbox.discord.people import Person, Upload
from tests.darkrooms import shared_darkroom
from tests.forms import forged
from tests.pictures import chunk, gif_claiming, noise, opened, picture, png_claiming, webp_claiming
from tests.stage import Stage

HARMLESS = re.compile(r"[A-Za-z0-9_-]{1,40}\.(png|jpg|webp)")


@dataclass(frozen=True, kw_only=True)
class Row:
    """What Discord says of a file that is a sound PNG, and what is said of it, if it is not painted."""

    told: dict[str, Any] = field(default_factory=dict[str, Any])
    refused: str | None = None


NAMES = (
    *("../../../../etc/passwd.png", "/etc/cron.d/x.png", "..\\..\\boot.ini", "C:\\x.png", "\\\\host\\share\\x.png"),
    *(
        "con",
        "NUL.png",
        "aux.jpg",
        "COM1",
        "x.png:stream",
        "a\x00b.png",
        "a\nb\r.png",
        "\x1b[2J.png",
        "-rf",
        "~",
        "$HOME",
    ),
    *("", ".", "..", ".png", "gnp.\u202eexe", "photo.jpg.exe", "\ud800.png", "😀" * 50 + ".png", "x" * 5000 + ".png"),
    *("easel-01hf7yavav9v4rk1zmnw-1.png", "SPOILER_x.png", "<@1>.png", "{name}.png", "%s%n.png", "a;b|c&d.png"),
)
ROWS = {
    **{f"called {name[:24]!r}": Row(told={"filename": name}) for name in NAMES},
    **{
        f"typed {kind!r}": Row(told={"content_type": kind})
        for kind in ("image/jpeg", "image/x-unheard-of", "image/png; charset=utf-8", None, "")
    },
    "of no type": Row(told={"content_type": "x" * 1000}, refused="this is not a picture that Easel can read"),
    "said to be text": Row(told={"content_type": "text/html"}, refused="this is not a picture that Easel can read"),
    "said to be a film": Row(told={"content_type": "video/mp4"}, refused="this is not a picture that Easel can read"),
    "said to be of no bytes": Row(told={"size": 0}),
    "said to be of one byte": Row(told={"size": 1}),
    "said to be of fewer than none": Row(told={"size": -5}),
    "said to be huge": Row(told={"size": 10**18}, refused="the file is larger than 25 MiB"),
    "of no width": Row(told={"width": 0, "height": 0}),
    "of impossible sides": Row(told={"width": 10**9, "height": -1}),
    "of sides beyond any number": Row(told={"width": 10**30, "height": 10**30}),
}


def archive_behind(data: bytes) -> bytes:
    return data + b"PK\x03\x04 payload <script>alert(1)</script>"


def chunks_before(data: bytes) -> bytes:
    return data[:33] + chunk(b"tEXt", b"Comment\0<script>payload</script>") + data[33:]


def packed_bomb() -> bytes:
    """A PNG of 39 million pixels in 40 KB, to be decoded since it says to be turned."""
    exif = Image.Exif()
    exif[0x0112] = 6
    bomb = BytesIO()
    Image.new("L", (7_800, 5_000)).save(bomb, "PNG", exif=exif)
    return bomb.getvalue()


def text_bomb() -> bytes:
    """A PNG with a comment that unpacks to 60 MB."""
    packed = zlib.compress(bytes(60 * 2**20), 9)
    whole = picture()
    return whole[:33] + chunk(b"zTXt", b"Comment\0\0" + packed) + whole[33:]


def tiff_bomb(side: int) -> bytes:
    """A TIFF of one strip that is said to be of so many pixels."""
    entries = [(256, side), (257, side), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, side), (279, 4)]
    directory = b"".join(pack("<HHII", tag, 4, 1, value) for tag, value in entries)
    return b"II*\0" + pack("<I", 12) + bytes(4) + pack("<H", len(entries)) + directory + bytes(4)


REFUSED = {
    "nothing": b"",
    "HTML": b"<!DOCTYPE html><script>payload</script>",
    "SVG": b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
    "SVG, packed": b"\x1f\x8b\x08" + bytes(50),
    "PDF": b"%PDF-1.7\n%%EOF",
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) run",
    "a program": b"MZ" + bytes(100),
    "PNG bomb": png_claiming(60_000, 60_000),
    "GIF bomb": gif_claiming(65_535, 65_535),
    "WebP bomb": webp_claiming(16_383, 16_383),
    "TIFF bomb": tiff_bomb(60_000),
    "TIFF that names no pixels": tiff_bomb(0),
    "HEIC without anything": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100),
}
TAKEN = {
    "PNG with an archive": archive_behind(picture()),
    "JPEG with an archive": archive_behind(picture("JPEG")),
    "PNG with a script": chunks_before(picture()),
    "GIF with a script": picture("GIF", comment=b"<script>payload</script>"),
    "a picture that unpacks": packed_bomb(),
    "noise": noise((300, 300)),
}


async def asked_with(stage: Stage, ada: Person, data: bytes) -> Json:
    """What Discord sends of a command with a file."""
    handle = await ada.command("imagine", prompt="a fox", image1=Upload("a.png", data))
    await handle.answer()
    return dict(stage.world.interactions[handle.id].data)


async def outcome(ada: Person, before: int) -> str:
    """What is said in the end."""
    told = await ada.waits_for(lambda seen: int(seen.id) > before and (seen.files or "image1: " in seen.content))
    return "painted" if told.files else told.content


def is_harmless(stage: Stage) -> None:
    """See that no name travelled on, and that nothing was written beside the database."""
    sent = [file for each in stage.record.matching("POST", "/uploads/images") for file in each.files]
    assert sent
    assert all(HARMLESS.fullmatch(file.filename or "") for file in sent)
    assert {path.name.partition("-")[0] for path in stage.folder.iterdir()} <= {"easel.db", "easel.db.lock"}


@pytest.mark.exhaustive
async def test_what_is_said_of_a_file_changes_nothing_but_whether_it_is_taken(
    stage: Stage, subtests: pytest.Subtests
) -> None:
    sound = await asked_with(stage, stage.person("first"), picture())
    for name, row in ROWS.items():
        with subtests.test(name):
            ada = stage.person(name, stage.guild.add_channel("easel"))
            data = copy.deepcopy(sound)
            (attachment,) = data["resolved"]["attachments"].values()
            attachment.update(row.told)
            handle = forged(stage, ada, COMMAND, data)
            told = await outcome(ada, int(handle.id))
            assert (row.refused in told) if row.refused else (told == "painted"), told
    is_harmless(stage)


async def test_what_a_file_contains_is_refused_by_name_or_left_behind(stage: Stage, subtests: pytest.Subtests) -> None:
    for name, data in {**REFUSED, **TAKEN}.items():
        with subtests.test(name):
            ada = stage.person(name, stage.guild.add_channel("easel"))
            handle = await ada.command("imagine", prompt="a fox", image1=Upload("photo.png", data))
            told = await outcome(ada, int(handle.id))
            if name in REFUSED:
                assert re.search("image1: (this|the|reading this) (picture|file|is)", told), told
                assert "@" not in told.replace(ada.user.mention, "")
            else:
                assert told == "painted"
                assert b"payload" not in stage.gateway.uploads[-1].data
                assert opened(stage.gateway.uploads[-1].data).width
    assert len(stage.gateway.tasks) == len(TAKEN)
    is_harmless(stage)


async def test_a_comment_that_unpacks_to_more_than_memory_is_refused() -> None:
    with pytest.raises(ImageError) as caught:
        await shared_darkroom().prepare_reference(text_bomb(), name="image1")
    assert str(caught.value.text).startswith("image1: ")
