"""Calls as tests make them, and what the gateway answers."""

from bot.toapis.catalog import NANO_BANANA_2
from bot.toapis.client import ToapisClient
from bot.toapis.schema import ImageRequest, TaskStatus, Uploaded
from tests.servers import Reply

REQUEST = ImageRequest(model=NANO_BANANA_2.id, prompt="a fox 🦊", size="16:9", resolution="2K", count=3)
QUEUED = {"id": "task_1", "object": "generation.task", "status": "queued", "progress": 0, "created_at": 1703884800}
UPLOADED = {
    "success": True,
    "message": "",
    "data": {"id": "upload_1", "url": "https://files.example/1.png", "mime_type": "image/png", "size": 3},
}
BUSY = Reply(429, {"error": {"code": "rate_limit_exceeded", "message": "slow down"}}, {"Retry-After": "7"})


async def submit(client: ToapisClient) -> TaskStatus:
    return await client.submit(REQUEST, count=2, image_urls=("https://files.example/1.png",), business_id="b/1 ü")


async def upload(client: ToapisClient) -> Uploaded:
    return await client.upload(b"abc", filename="image1.png", content_type="image/png")
