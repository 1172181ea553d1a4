"""Answers as Discord sends them."""

import json
from typing import Any

from aiohttp import web


def json_answer(data: Any, *, status: int = 200) -> web.Response:
    """JSON under exactly `application/json`: with a charset, clients take it for text."""
    body = json.dumps(data, ensure_ascii=False).encode()
    return web.Response(body=body, status=status, headers={"Content-Type": "application/json"})


def no_content() -> web.Response:
    """204."""
    return web.Response(status=204)
