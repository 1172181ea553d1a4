"""What the image gateway said (`bot/toapis/`), in words for whoever asked."""

from collections.abc import Mapping

GATEWAY: Mapping[str, str] = {
    "gateway.busy": "The image service is busy right now. Please try again in a moment.",
    "gateway.unreachable": "The image service cannot be reached at the moment. Please try again in a few minutes.",
    "gateway.unauthorized": "Easel is not set up correctly: the image service refuses its key. Its operator has been told.",
    "gateway.out_of_balance": "Easel has run out of credit at the image service. Its operator has been told.",
    "gateway.content_refused": "The image service refused this request because of its content rules. Reword it, or use other pictures.",
    "gateway.rejected": "The image service did not accept this request: {reason}",
    "gateway.rejected_unsaid": "The image service did not accept this request and gave no reason.",
    "gateway.moved": "Easel is not set up correctly: the address of the image service leads elsewhere.",
    "gateway.model_unavailable": "{model} is not available at the moment. Please try another model.",
    "gateway.too_large": "The image service says the request is too large. Use fewer or smaller pictures.",
    "gateway.failed": "The image service could not make this picture: {reason}",
    "gateway.failed_unsaid": "The image service could not make this picture and gave no reason.",
    "gateway.no_picture": "The image service says it is done, but gave no picture.",
    "gateway.not_understood": "The image service gave an answer that makes no sense. Please try again.",
    "gateway.task_unknown": "The image service no longer knows this request.",
}
