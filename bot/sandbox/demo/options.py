"""What can be chosen on the command line of the demo."""

from dataclasses import dataclass
from pathlib import Path

from bot.errors import StartupError

EXIT_USAGE = 2  # as argparse ends when an argument is wrong
MOST_IMAGES = 4  # as many options for files as the command has


def wrong_argument(sentence: str) -> StartupError:
    """What to raise for a command line that cannot be played."""
    return StartupError(sentence, exit_code=EXIT_USAGE)


@dataclass(frozen=True, kw_only=True)
class DemoOptions:
    """The tour, or a request of one's own as soon as any part of one is given.

    Attributes:
        prompt, model, ratio, resolution, count, images: of the own request.
        folder: where pictures and the log are saved.
        keep: whether everything stays up until Ctrl-C.
    """

    prompt: str | None = None
    model: str | None = None
    ratio: str | None = None
    resolution: str | None = None
    count: int | None = None
    images: tuple[Path, ...] = ()
    folder: Path = Path("easel-demo")
    keep: bool = False

    @property
    def is_own_request(self) -> bool:
        """Whether a request is played instead of the tour."""
        return bool(self.images or self.words or self.count is not None)

    @property
    def words(self) -> dict[str, str]:
        """What is given of the own request in words, by the name of the command's option."""
        options = {"prompt": self.prompt, "model": self.model, "ratio": self.ratio, "resolution": self.resolution}
        return {name: value for name, value in options.items() if value is not None}

    @property
    def log(self) -> Path:
        """What the bot and the stand-ins log."""
        return self.folder / "easel.log"

    def prepare(self) -> None:
        """Make the folder with an empty log, and see that what is asked for can be played at all.

        Raises:
            StartupError: it cannot; its exit code is that of a wrong argument.
        """
        if self.is_own_request and self.prompt is None:
            raise wrong_argument('Say what you would like to see: easel demo --prompt "a fox in the snow"')
        for name, value in self.words.items():
            if not value.strip():
                raise wrong_argument(f"--{name} is empty, which Discord does not let anyone send.")
        if len(self.images) > MOST_IMAGES:
            raise wrong_argument(f"/imagine takes {MOST_IMAGES} pictures at most; you gave {len(self.images)}.")
        for image in self.images:
            _check_readable(image)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.log.write_bytes(b"")
        except OSError as error:
            raise wrong_argument(f"Pictures cannot be saved in {self.folder}: {_reason(error)}.") from error


def _check_readable(image: Path) -> None:
    try:
        with image.open("rb") as file:
            file.read(1)
    except FileNotFoundError as error:
        raise wrong_argument(f"There is no picture {image}.") from error
    except OSError as error:
        raise wrong_argument(f"The picture {image} cannot be read: {_reason(error)}.") from error


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
