"""What is asked of the gateway and what it answers, as values.

Source: ToAPIs' documentation, the model pages and "Get image task status".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self, TypeAlias

from bot.texts import Text

JSON: TypeAlias = "str | int | float | bool | Sequence[JSON] | Mapping[str, JSON] | None"


class RemoteState(StrEnum):
    """Where a task stands at the gateway; only the last two are final."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class ImageRequest:
    """What a person wants painted; `bot.toapis.check` says what is wrong with it.

    Attributes:
        model: the gateway's id of the model.
        size: a ratio such as "16:9"; None leaves it to the gateway.
        resolution: such as "2K"; None leaves it to the gateway.
        count: pictures wanted, perhaps of several tasks.
        options: the model's other parameters by their wire names (`catalog.Model.options`).
    """

    model: str
    prompt: str
    size: str | None = None
    resolution: str | None = None
    count: int = 1
    options: Mapping[str, JSON] = field(default_factory=dict[str, JSON])

    def to_json(self) -> dict[str, Any]:
        """For storage."""
        return {
            "model": self.model,
            "prompt": self.prompt,
            "size": self.size,
            "resolution": self.resolution,
            "count": self.count,
            "options": dict(self.options),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The reverse of `to_json`; a key that another version wrote is left alone."""
        return cls(
            model=stored["model"],
            prompt=stored["prompt"],
            size=stored.get("size"),
            resolution=stored.get("resolution"),
            count=stored.get("count", 1),
            options=stored.get("options") or {},
        )


@dataclass(frozen=True, kw_only=True)
class TaskStatus:
    """What the gateway says of a task.

    Attributes:
        id: the gateway's id, or the one that was asked with if the answer names none.
        progress: percent, if it says.
        urls: where the pictures are; never empty for a completed task (done without a picture is read as failed).
        expires_at, created_at, completed_at: Unix seconds, if it says.
        business_id: the id we gave the task, if it is echoed.
        error_code, error_message: in the gateway's words, for the log and the operator.
        failure: why it failed, in words for the user; set exactly if it failed.
    """

    id: str
    state: RemoteState
    progress: int | None = None
    urls: tuple[str, ...] = ()
    expires_at: float | None = None
    business_id: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    failure: Text | None = None
    created_at: float | None = None
    completed_at: float | None = None


@dataclass(frozen=True, kw_only=True)
class Uploaded:
    """A reference picture's copy at the gateway. How long its URL lives is not documented."""

    url: str
    id: str | None = None
    content_type: str | None = None
    size: int | None = None


@dataclass(frozen=True, kw_only=True)
class Balance:
    """What the key may still spend and has spent, in the account's currency; `remaining` is None if unlimited."""

    remaining: float | None
    used: float | None
    unlimited: bool


def wire_body(
    request: ImageRequest, *, n: int, image_urls: Sequence[str], business_id: str, mask_url: str | None = None
) -> dict[str, Any]:
    """The body of a submit.

    What the person did not choose is left out, so that the gateway's default applies. `n` is the exception and is
    always sent, also to models that know only 1: the allowance is reckoned by it, so it must not hang on a default.

    Args:
        request: what is wanted; its `count` is not used, since a job may be split into several tasks.
        n: pictures of this task; a JSON integer, because the gateway refuses a string.
        image_urls: the references, by URL; base64 is never sent.
        business_id: our own id of the task, by which its status can be asked for, too.
        mask_url: a PNG of the first reference's pixel size that marks what may change.
    """
    metadata: dict[str, Any] = dict(request.options)
    if request.resolution is not None:
        metadata["resolution"] = request.resolution.upper()
    body: dict[str, Any] = {
        "model": request.model,
        "prompt": request.prompt,
        "n": n,
        "client_business_id": business_id,
    }
    if request.size is not None:
        body["size"] = request.size
    if image_urls:
        body["image_urls"] = list(image_urls)
    if mask_url is not None:
        body["mask_url"] = mask_url
    if metadata:
        body["metadata"] = metadata
    return body
