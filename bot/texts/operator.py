"""What the operator is told (`bot/jobs/`)."""

from collections.abc import Mapping

OPERATOR: Mapping[str, str] = {
    "operator.out_of_balance": "Easel has stopped sending requests: the image gateway says that the account is out of credit. Top it up; Easel then goes on by itself.",
    "operator.works_again": "The image gateway takes Easel's requests again.",
    "operator.unauthorized": "The image gateway refuses Easel's key. Check TOAPIS_API_KEY and restart Easel.",
    "operator.unclear": "Check the bill: it is not certain whether the image gateway took task {task} (pictures: {pictures}, model: {model}, submits: {submits}, the last <t:{at}:f>).",
}
