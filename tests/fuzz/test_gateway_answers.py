"""What the gateway answers: real answers with odd parts, to the client alone and to a whole job."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.job import JobState
from bot.sandbox.faults import Fault
from tests.bot.toapis.test_properties import opened, try_out
from tests.fuzz.mutations import fuzzed, mutated
from tests.servers import HttpStub, Reply
from tests.workshop import Workshop, open_workshop, picture

pytestmark = [pytest.mark.fuzz, pytest.mark.exhaustive]

PAINTED = "https://files.toapis.com/generated/1_c.jpg"
"""Stands for an address that can be fetched."""
RUNNING: dict[str, Any] = {
    "id": "task_img_abc",
    "object": "generation.task",
    "model": "gemini-3-pro-image-preview",
    "status": "in_progress",
    "progress": 50,
    "created_at": 1700000000,
    "client_business_id": "b1",
    "metadata": {},
}
COMPLETED = {
    **RUNNING,
    "status": "completed",
    "progress": 100,
    "completed_at": 1700000053,
    "expires_at": 1700086453,
    "result": {"type": "image", "data": [{"url": PAINTED}]},
}
FAILED = {**RUNNING, "status": "failed", "error": {"code": "generation_failed", "message": "upstream: status 422"}}
REFUSED = {"error": {"code": "insufficient_quota", "message": '{"error": {"message": "no"}}', "type": "x"}}
UPLOADED = {
    "success": True,
    "message": "",
    "data": {"id": "upload_1", "url": "https://files.toapis.com/uploads/1/2.jpg", "mime_type": "image/jpeg", "size": 9},
}
BALANCE = {"success": True, "remain_balance": 10.5, "used_balance": 2.3, "unlimited_quota": False}
MODELS = {"success": True, "object": "list", "data": [{"id": "gemini-3-pro-image-preview", "object": "model"}]}

ANSWERS = {
    "submit": st.one_of(mutated(RUNNING), mutated(COMPLETED), mutated(REFUSED)),
    "status": st.one_of(mutated(RUNNING), mutated(COMPLETED), mutated(FAILED)),
    "upload": mutated(UPLOADED),
    "balance": mutated(BALANCE),
    "models": mutated(MODELS),
}
CALLS_AND_ANSWERS = st.sampled_from(sorted(ANSWERS)).flatmap(lambda call: st.tuples(st.just(call), ANSWERS[call]))
STATUSES = st.sampled_from((200, 200, 200, 400, 402, 404, 422, 429, 500, 503))


@fuzzed(40)
@given(CALLS_AND_ANSWERS, STATUSES)
async def test_a_real_answer_with_odd_parts_is_read_or_refused(asked: tuple[str, Any], status: int) -> None:
    call, body = asked
    async with HttpStub().serving() as stub, opened(stub.url) as client:
        stub.will(Reply(status, json.dumps(body).encode(), {"Content-Type": "application/json"}))
        await try_out(client, call)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(tmp_path, seconds=0.0) as workshop:
        yield workshop


@fuzzed(8)
@given(
    submit=st.none() | ANSWERS["submit"],
    status=st.none() | ANSWERS["status"],
    upload=st.none() | ANSWERS["upload"],
    after=st.booleans(),
)
async def test_a_job_has_one_outcome_whatever_the_gateway_answers_once(
    shop: Workshop, *, submit: Any, status: Any, upload: Any, after: bool
) -> None:
    faults = shop.gateway.faults
    moment = "after" if after else "before"
    answers = (("/images/generations", submit), ("/images/generations/{key}", status), ("/uploads/images", upload))
    for route, body in answers:
        if body is not None:
            encoded = json.dumps(body).replace(PAINTED, f"{shop.files.url}/painted").encode()
            json_type = {"Content-Type": "application/json"}
            faults.add(Fault(route=route, service="toapis", moment=moment, body=encoded, headers=json_type))
    shop.files.files["painted"] = picture("gold")
    while shop.services.engine.closed is not None:  # noqa: ASYNC110 - an example said that there is no money
        await asyncio.sleep(1.0)
    posted, painted = len(shop.board.posts), len(shop.gateway.tasks)
    job = await shop.ended(await shop.accept(references=(shop.files.reference(1, picture("teal")),)))
    faults.clear()
    assert job.state in {JobState.DELIVERED, JobState.FAILED}
    assert len(shop.board.posts) == posted + 1
    assert len(shop.gateway.tasks) <= painted + 1
    used = (await shop.services.engine.usage(job.place.user_id)).images
    assert used == sum(len(post.outcome.pictures) for post in shop.board.posts)
