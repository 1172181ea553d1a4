"""What the image gateway said (`bot/toapis/`), in words for whoever asked."""

from collections.abc import Mapping

GATEWAY: Mapping[str, str] = {
    "gateway.busy": "The image service is too busy to take this request. This does not count against your allowance; please try again in a few minutes.",
    "gateway.unreachable": "The image service cannot be reached at the moment. This does not count against your allowance; please try again in a few minutes.",
    "gateway.unauthorized": "Easel is not set up correctly: the image service refuses its key. Whoever runs Easel has been told; please try again later.",
    "gateway.out_of_balance": "Easel has run out of credit at the image service and cannot paint until there is more. Whoever runs Easel has been told; please try again later.",
    "gateway.content_refused": "The image service refused this request because of its content rules. This does not count against your allowance. Reword it, or use other pictures.",
    "gateway.rejected": "The image service did not accept this request and says: “{reason}”. This does not count against your allowance; please change the request and try again.",
    "gateway.rejected_unsaid": "The image service did not accept this request and gave no reason. This does not count against your allowance. Try other words, other pictures or another model.",
    "gateway.moved": "Easel is not set up correctly: the address of the image service leads elsewhere. Please tell whoever runs Easel here.",
    "gateway.model_unavailable": "{model} is not available at the moment. This does not count against your allowance; please try another model.",
    "gateway.model_unavailable_others": "{model} is not available at the moment. This does not count against your allowance; please try another model: {others}.",
    "gateway.too_large": "The image service says the request is too large. This does not count against your allowance. Use fewer or smaller pictures.",
    "gateway.failed": "The image service could not make this picture and says: “{reason}”. This does not count against your allowance; please try again, perhaps in other words.",
    "gateway.failed_unsaid": "The image service could not make this picture and gave no reason. This does not count against your allowance; please try again, perhaps in other words.",
    "gateway.no_picture": "The image service says it is done, but gave no picture. This does not count against your allowance; please try again.",
    "gateway.fewer_pictures": "The image service made fewer pictures than it was asked for. Those that are missing do not count against your allowance.",
    "gateway.not_understood": "The image service gave an answer that makes no sense. This does not count against your allowance; please try again.",
    "gateway.task_unknown": "The image service no longer knows this request, so no picture will come. This does not count against your allowance; please try again.",
}
