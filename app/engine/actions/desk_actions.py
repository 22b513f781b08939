"""Actions of a service desk. In the sandbox their effect is a line in the run's log; nothing leaves the machine."""

from __future__ import annotations

from typing import Any

from app.engine.actions.registry import Action, ActionContext
from app.engine.definition_fields import Fields


def _read_notification(fields: Fields) -> dict[str, Any]:
    read = {"to": fields.text("to"), "message": fields.text("message"), "subject": fields.optional_text("subject")}
    read["channel"] = fields.choice("channel", ("email", "chat", "sms"), "email")
    fields.close()
    return read


async def _send_notification(context: ActionContext, notification: dict[str, Any]) -> dict[str, Any]:
    message_id = f"msg-{context.invocation_id}"
    await context.log(
        f"Notification sent by {notification['channel']}", {"messageId": message_id, "to": notification["to"]}
    )
    return {"messageId": message_id, "channel": notification["channel"], "to": notification["to"], "delivered": True}


def _read_comment(fields: Fields) -> dict[str, Any]:
    read: dict[str, Any] = {"ticketId": fields.text("ticketId"), "comment": fields.text("comment")}
    read["internal"] = fields.flag("internal", default=False)
    fields.close()
    return read


async def _add_comment(context: ActionContext, comment: dict[str, Any]) -> dict[str, Any]:
    comment_id = f"comment-{context.invocation_id}"
    await context.log(
        f"Comment added to ticket {comment['ticketId']}", {"commentId": comment_id, "internal": comment["internal"]}
    )
    return {"commentId": comment_id, "ticketId": comment["ticketId"], "internal": comment["internal"]}


DESK_ACTIONS = (
    Action(
        id="notifications.send",
        version=1,
        description="Sends a message to a person.",
        side_effectful=True,
        repeatable=False,
        read=_read_notification,
        handle=_send_notification,
    ),
    Action(
        id="tickets.add_comment",
        version=1,
        description="Adds a comment to a ticket.",
        side_effectful=True,
        repeatable=False,
        read=_read_comment,
        handle=_add_comment,
    ),
)
