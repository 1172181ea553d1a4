"""What the gateway's documentation says of its models, written out for tests and nowhere taken from the bot."""

from collections.abc import Mapping
from dataclasses import dataclass, field

EVERY_RATIO = ("1:1", "3:2", "2:3", "4:3", "3:4", "16:9", "9:16", "5:4", "4:5", "21:9", "1:4", "4:1", "1:8", "8:1")
EVERY_RESOLUTION = ("0.5K", "1K", "2K", "4K")
UP_TO_21_9 = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
ORIENTATIONS = {
    "orientation landscape": {"orientation": "landscape"},
    "orientation portrait": {"orientation": "portrait"},
}
NO_ORIENTATION = {"orientation diagonal": "it must be one of: landscape, portrait"}
SEARCHES = {
    "search": {"google_search": True},
    "image search": {"google_search": True, "google_image_search": True},
    "search, image search": {"google_search": True, "google_image_search": True},
    "search=no": {"google_search": False},
}
OTHERS = {  # what is refused for not being this model's, and whose it is
    "search": "“Google Search”. It can be used with Nano Banana 2",
    "image search": "“Google Image Search”. It can be used with Nano Banana 2",
    "orientation portrait": "“orientation”. It can be used with Nano Banana Pro, Nano Banana.",
    "temperature 1": "“temperature”. It can be used with Nano Banana (Vertex direct)",
    "top p 1": "“top P”. It can be used with Nano Banana (Vertex direct)",
    "png": "“file type and quality”. It can be used with Nano Banana (Vertex direct)",
    "quality 90": "“file type and quality”. It can be used with Nano Banana (Vertex direct)",
}
ALWAYS_REFUSED = {
    "person generation ALLOW_ALL": "for Easel's operator to decide",
    "safety settings OFF": "for Easel's operator to decide",
    "max output tokens 100": "for Easel's operator to decide",
    "nonsense": "“nonsense” is not something Easel knows",
    "count 0": "The number of pictures is 0; it must be between 1 and 4",
    "count 5": "The number of pictures is 5; it must be between 1 and 4",
}


def output(**members: object) -> Mapping[str, object]:
    return {"imageOutputOptions": members}


@dataclass(frozen=True, kw_only=True)
class Contract:
    """What the documentation says of one model.

    Attributes:
        most_per_task: pictures of one submit.
        further: texts of the option `more`, with the metadata that they become.
        refused: such texts that are refused, with words of the reason.
    """

    id: str
    name: str
    ratios: tuple[str, ...]
    resolutions: tuple[str, ...]
    prompt_limit: int | None
    most_per_task: int
    references: int
    further: Mapping[str, Mapping[str, object]] = field(default_factory=dict[str, Mapping[str, object]])
    refused: Mapping[str, str] = field(default_factory=dict[str, str])
    mask: bool = False


CONTRACTS = (
    Contract(
        id="gemini-3.1-flash-image-preview",
        name="Nano Banana 2",
        ratios=EVERY_RATIO,
        resolutions=EVERY_RESOLUTION,
        prompt_limit=None,
        most_per_task=4,
        references=14,
        further=SEARCHES,
        refused={"search=no, image search": "“Google Image Search” works only together with “Google Search”"},
    ),
    Contract(
        id="gemini-3-pro-image-preview",
        name="Nano Banana Pro",
        ratios=UP_TO_21_9,
        resolutions=("1K", "2K", "4K"),
        prompt_limit=1000,
        most_per_task=1,
        references=14,
        further=ORIENTATIONS,
        refused=NO_ORIENTATION,
        mask=True,
    ),
    Contract(
        id="gemini-2.5-flash-image-preview",
        name="Nano Banana",
        ratios=("1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3"),
        resolutions=("1K",),
        prompt_limit=1000,
        most_per_task=1,
        references=14,
        further=ORIENTATIONS,
        refused=NO_ORIENTATION,
    ),
    Contract(
        id="gemini-2.5-flash-image-official",
        name="Nano Banana (Vertex direct)",
        ratios=UP_TO_21_9,
        resolutions=(),
        prompt_limit=None,
        most_per_task=1,
        references=3,
        further={
            "temperature 0": {"temperature": 0},
            "temperature 0.7": {"temperature": 0.7},
            "temperature 2": {"temperature": 2},
            "top p 0": {"topP": 0},
            "top p 1": {"topP": 1},
            "png": output(mimeType="image/png"),
            "jpeg": output(mimeType="image/jpeg"),
            "webp": output(mimeType="image/webp"),
            "quality 0": output(compressionQuality=0),
            "quality 100": output(compressionQuality=100),
            "temperature 0,4, top p 0.95, jpeg, quality 90": {
                "temperature": 0.4,
                "topP": 0.95,
                **output(mimeType="image/jpeg", compressionQuality=90),
            },
        },
        refused={
            "temperature -0.1": "“temperature” cannot be -0.1; for",
            "temperature 2.1": "“temperature” cannot be 2.1; for Nano Banana (Vertex direct) "
            "it must be a number from 0 to 2",
            "temperature warm": "“temperature” cannot be warm; for",
            "top p -0.01": "“top P” cannot be -0.01; for",
            "top p 1.01": "“top P” cannot be 1.01; for Nano Banana (Vertex direct) it must be a number from 0 to 1",
            "format gif": "“file type” cannot be gif; for Nano Banana (Vertex direct) "
            "it must be one of: png, jpeg, webp",
            "quality -1": "“quality” cannot be -1; for",
            "quality 101": "“quality” cannot be 101; for Nano Banana (Vertex direct) "
            "it must be a whole number from 0 to 100",
            "quality 90.5": "“quality” cannot be 90.5; for",
            "png, quality 90": "A PNG keeps every pixel, so it has no quality to set",
        },
    ),
)
