"""How the gateway words an error: one refusal, and every wrapping it has been seen in."""

import enum
import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web


class Envelope(enum.Enum):
    """The wrapping of an error."""

    ERROR = "error"  # {"error": {"code": "…", "message": "…", "type": "…"}}
    NUMBERED = "numbered"  # the same, with the HTTP status as the code
    SUCCESS_FALSE = "success false"  # {"success": false, "message": "…"}
    MESSAGE = "message"  # {"message": "the code"}
    NESTED = "nested"  # ERROR, whose message is itself the JSON of an error from further behind
    TEXT = "text"  # plain text
    HTML = "html"  # a page of a proxy


@dataclass(eq=False)  # as with any exception, identity is what counts
class Refusal(Exception):
    """An error the gateway answers with.

    Attributes:
        status: the HTTP status.
        code: such as "invalid_request".
        message: a sentence for the caller.
        retry_after: seconds for the `Retry-After` header, if it is sent.
        envelope: the wrapping; None is the server's usual one.
    """

    status: int
    code: str
    message: str
    retry_after: int | None = None
    envelope: Envelope | None = None

    def body(self, usual: Envelope = Envelope.ERROR) -> Any:
        """The decoded body of the answer: a dict for JSON, a str for text and HTML."""
        message: Any
        match self.envelope or usual:
            case Envelope.ERROR:
                message = self._error(self.code, self.message)
            case Envelope.NUMBERED:
                message = self._error(self.status, f"{self.code}: {self.message}")
            case Envelope.SUCCESS_FALSE:
                message = {"success": False, "message": self.message}
            case Envelope.MESSAGE:
                message = {"message": self.code}
            case Envelope.NESTED:
                message = self._error("upstream_error", json.dumps(self._error(self.code, self.message)))
            case Envelope.TEXT:
                message = f"{self.code}: {self.message}"
            case Envelope.HTML:
                message = f"<html><head><title>{self.status}</title></head><body>{self.message}</body></html>"
        return message

    def _error(self, code: str | int, message: str) -> dict[str, Any]:
        kind = "authentication_error" if self.status == 401 else "invalid_request_error"
        return {"error": {"code": code, "message": message, "type": kind}}

    @property
    def headers(self) -> dict[str, str]:
        """The headers the refusal brings along."""
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}

    def response(self, usual: Envelope = Envelope.ERROR) -> web.Response:
        """The answer."""
        body = self.body(usual)
        if not isinstance(body, str):
            return web.json_response(body, status=self.status, headers=self.headers)
        content_type = "text/plain" if (self.envelope or usual) is Envelope.TEXT else "text/html"
        return web.Response(text=body, status=self.status, headers=self.headers, content_type=content_type)


def invalid(message: str) -> Refusal:
    """400: the request is wrong."""
    return Refusal(400, "invalid_request", message)
