"""How Discord says no: the HTTP status, the JSON error code, the message, and where in the form the mistakes are.

Source: Discord's API documentation, "Opcodes and Status Codes" (JSON error codes) and "Error Messages" (nested errors).
"""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from bot.sandbox.discord.entities import Json

Path: TypeAlias = tuple[str | int, ...]


@dataclass
class Refused(Exception):
    """A request that Discord does not grant. `errors` nests by the form's keys."""

    status: int
    code: int
    message: str
    errors: Json = field(default_factory=dict[str, Any])

    @property
    def payload(self) -> Json:
        """The JSON object of the answer."""
        payload: Json = {"message": self.message, "code": self.code}
        if self.errors:
            payload["errors"] = self.errors
        return payload


def unauthorized() -> Refused:
    """A missing or wrong bot token."""
    return Refused(401, 0, "401: Unauthorized")


def not_found() -> Refused:
    """A route that does not exist."""
    return Refused(404, 0, "404: Not Found")


def method_not_allowed() -> Refused:
    """A route that does not exist for this method."""
    return Refused(405, 0, "405: Method Not Allowed")


def invalid_json() -> Refused:
    """A body that is not what its content type says."""
    return Refused(400, 50109, "The request body contains invalid JSON.")


def unknown_channel() -> Refused:
    """No such channel."""
    return Refused(404, 10003, "Unknown Channel")


def unknown_guild() -> Refused:
    """No such server."""
    return Refused(404, 10004, "Unknown Guild")


def unknown_member() -> Refused:
    """The account is not in the server."""
    return Refused(404, 10007, "Unknown Member")


def unknown_message() -> Refused:
    """No such message, or one that is not to be seen this way."""
    return Refused(404, 10008, "Unknown Message")


def unknown_user() -> Refused:
    """No such account."""
    return Refused(404, 10013, "Unknown User")


def unknown_webhook() -> Refused:
    """An interaction token that was not acknowledged yet, or another application's id."""
    return Refused(404, 10015, "Unknown Webhook")


def unknown_interaction() -> Refused:
    """No such interaction, or its three seconds are over."""
    return Refused(404, 10062, "Unknown interaction")


def unknown_command() -> Refused:
    """No such command."""
    return Refused(404, 10063, "Unknown application command")


def unknown_application() -> Refused:
    """Another application's id."""
    return Refused(404, 10002, "Unknown Application")


def too_many_files() -> Refused:
    """More than ten files."""
    return Refused(400, 30015, "Maximum number of attachments in a message reached (10)")


def too_many_commands(limit: int) -> Refused:
    """More commands than a scope holds."""
    return Refused(400, 30032, f"Maximum number of application commands reached ({limit})")


def too_large() -> Refused:
    """A file over the upload limit."""
    return Refused(413, 40005, "Request entity too large")


def already_acknowledged() -> Refused:
    """A second answer to an interaction."""
    return Refused(400, 40060, "Interaction has already been acknowledged.")


def too_many_followups() -> Refused:
    """The sixth follow-up where five are allowed."""
    return Refused(400, 40094, "This interaction has hit the maximum number of follow up messages")


def missing_access() -> Refused:
    """The bot cannot see the place."""
    return Refused(403, 50001, "Missing Access")


def not_own_message() -> Refused:
    """An edit of someone else's message."""
    return Refused(403, 50005, "Cannot edit a message authored by another user")


def direct_channel_action() -> Refused:
    """A moderator's action in a direct channel."""
    return Refused(403, 50003, "Cannot execute action on a DM channel")


def empty_message() -> Refused:
    """A message with nothing in it."""
    return Refused(400, 50006, "Cannot send an empty message")


def cannot_message_user() -> Refused:
    """The account takes no direct messages."""
    return Refused(403, 50007, "Cannot send messages to this user")


def not_a_text_channel() -> Refused:
    """A message where none can be, such as beside a forum's posts."""
    return Refused(400, 50008, "Cannot send messages in a non-text channel")


def missing_permissions() -> Refused:
    """The bot sees the place but may not do this there."""
    return Refused(403, 50013, "Missing Permissions")


def invalid_webhook_token() -> Refused:
    """An interaction token older than 15 minutes, or a forged one."""
    return Refused(401, 50027, "Invalid Webhook Token")


def reply_needs_history() -> Refused:
    """A reply where the bot may not read the history."""
    return Refused(400, 160002, "Cannot reply without permission to read message history")


class FormErrors:
    """Collects what is wrong with a form, so that one refusal names all of it."""

    def __init__(self) -> None:
        self._tree: Json = {}

    def add(self, path: Path, code: str, message: str) -> None:
        """Note a mistake at `path`, such as ("embeds", 0, "title")."""
        node = self._tree
        for key in path:
            node = node.setdefault(str(key), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def raise_if_any(self) -> None:
        """Refuse the form if it has mistakes.

        Raises:
            Refused: 400 with code 50035.
        """
        if self._tree:
            raise Refused(400, 50035, "Invalid Form Body", self._tree)


def form_error(path: Path, code: str, message: str) -> Refused:
    """The refusal of a form with one mistake."""
    errors = FormErrors()
    errors.add(path, code, message)
    return Refused(400, 50035, "Invalid Form Body", errors._tree)  # noqa: SLF001 - same module
