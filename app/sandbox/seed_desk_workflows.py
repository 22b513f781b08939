"""The demo's workflows around tickets, people and devices."""

from __future__ import annotations

from app.sandbox.seed_people import APPROVAL_TASK_TYPE
from app.sandbox.seed_steps import (
    DAY_MS,
    HOUR_MS,
    Call,
    DemoWorkflow,
    Retries,
    assign,
    await_event,
    call,
    choose,
    comment,
    decide,
    expr,
    for_each,
    notify,
    on_event,
    payload_schema,
    remote,
    set_state,
    stop,
    try_catch,
    work,
)

_TEXT = {"type": "string"}
_ON_CALL = "oncall@harbor-it.example"

TICKET_TRIAGE = DemoWorkflow(
    key="ticket-triage",
    name="Ticket triage",
    description="Acknowledges a new ticket, waits for the customer's reply and escalates urgent ones.",
    trigger=on_event("TICKET_CREATED", "payload.TicketCreated.v1", "ticketId", "subject", "priority"),
    payload_schema=payload_schema(
        {"ticketId": _TEXT, "subject": _TEXT, "priority": {"type": "string", "enum": ["P1", "P2", "P3"]}},
        {"ticketId": "T-20415", "subject": "Outlook asks for the password again", "priority": "P2"},
    ),
    versions=(
        [
            set_state("set-state", "TRIAGE"),
            comment("comment", "Acknowledge", expr("payload.ticketId"), "We have received your request."),
            await_event(
                "await-reply", "Wait for the reply", "TICKET_REPLIED", "payload.ticketId", timeout_ms=14 * DAY_MS
            ),
        ],
        [
            set_state("set-state", "TRIAGE"),
            assign("rate", "Rate urgency", urgency='payload.priority = "P1" ? "within the hour" : "today"'),
            comment(
                "acknowledge",
                "Acknowledge",
                expr("payload.ticketId"),
                expr('"We have received \\"" & payload.subject & "\\" and will look at it " & vars.urgency & "."'),
            ),
            choose(
                "urgent",
                'payload.priority = "P1"',
                [notify("page", "Page the on-call engineer", _ON_CALL, expr('"P1: " & payload.subject'), "sms")],
            ),
            await_event(
                "await-reply",
                "Wait for the customer's reply",
                "TICKET_REPLIED",
                "payload.ticketId",
                timeout_ms=14 * DAY_MS,
                reply="vars.event.text",
            ),
            comment(
                "note", "Note the reply", expr("payload.ticketId"), expr('"Customer: " & vars.reply'), internal=True
            ),
        ],
    ),
)

NEW_HIRE = DemoWorkflow(
    key="new-hire-onboarding",
    name="New hire onboarding",
    description="Creates accounts one by one, waits for the laptop and welcomes the new colleague.",
    payload_schema=payload_schema(
        {"employee": {"type": "object"}, "accounts": {"type": "array"}, "initialPassword": _TEXT},
        {
            "employee": {"name": "Noor Haddad", "email": "noor.haddad@alderfinch.example"},
            "accounts": ["Microsoft 365", "VPN", "Payroll"],
            "initialPassword": "change-me-on-day-one",
            "needsLaptop": False,
        },
    ),
    versions=(
        [
            set_state("set-state", "ONBOARDING"),
            for_each(
                "accounts",
                "payload.accounts",
                "account",
                [
                    work("create", "Create account", 90),
                    call(
                        "remember",
                        "Remember account",
                        Call(
                            "store.set",
                            {
                                "namespace": "accounts",
                                "key": expr('payload.employee.email & "/" & account'),
                                "value": {"account": expr("account"), "position": expr("index")},
                            },
                        ),
                    ),
                ],
            ),
            remote("mailbox", "Create mailbox", "mailbox"),
            remote("badge", "Order door badge", "badge", continue_on_error=True),
            choose(
                "laptop",
                "coalesce(payload.needsLaptop, false)",
                [
                    await_event(
                        "await-laptop",
                        "Wait for the laptop",
                        "LAPTOP_DELIVERED",
                        "payload.employee.email",
                        timeout_ms=10 * DAY_MS,
                    )
                ],
            ),
            notify(
                "welcome",
                "Send the welcome mail",
                expr("payload.employee.email"),
                expr('"Welcome aboard, " & payload.employee.name & "."'),
            ),
        ],
    ),
)

RMM_SYNC = DemoWorkflow(
    key="rmm-sync",
    name="RMM sync",
    description="Fetches a site's devices, keeps going when the agent platform does not answer, and publishes them.",
    concurrency_limit=25,
    payload_schema=payload_schema(
        {"siteId": _TEXT, "apiKey": _TEXT},
        {"siteId": "site-bluefin-main", "apiKey": "paste-the-agent-platform-key"},
    ),
    versions=(
        [
            work("request", "Request a full scan", 120),
            await_event("await-scan", "Wait for the scan", "RMM_SCAN_FINISHED", "payload.siteId", timeout_ms=1200),
            remote("publish", "Publish inventory", "publish"),
        ],
        [
            call(
                "cursor", "Read cursor", Call("store.get", {"namespace": "rmm", "key": expr("payload.siteId")}, "last")
            ),
            try_catch(
                "fetch-or-note",
                [
                    remote("fetch", "Fetch devices", "fetch", Retries(2, 200)),
                    call(
                        "remember",
                        "Store cursor",
                        Call(
                            "store.set",
                            {
                                "namespace": "rmm",
                                "key": expr("payload.siteId"),
                                "value": {"syncedAt": expr("nowIso()")},
                            },
                        ),
                    ),
                ],
                [
                    comment(
                        "note",
                        "Note the outage",
                        "T-RMM",
                        expr('"Sync of " & payload.siteId & " skipped: " & vars.outage.message'),
                        internal=True,
                    )
                ],
                capture_as="outage",
            ),
            choose(
                "full-scan",
                "coalesce(payload.fullScan, false)",
                [
                    await_event(
                        "await-scan",
                        "Wait for the full scan",
                        "RMM_SCAN_FINISHED",
                        "payload.siteId",
                        timeout_ms=5 * DAY_MS,
                    )
                ],
            ),
            remote("publish", "Publish inventory", "publish"),
        ],
    ),
)

PURCHASE_APPROVAL = DemoWorkflow(
    key="purchase-approval",
    name="Purchase approval",
    description="Approves small purchases by itself and asks a person about the others.",
    payload_schema=payload_schema(
        {"requestId": _TEXT, "item": _TEXT, "amount": {"type": "number"}, "requestedBy": _TEXT},
        {"requestId": "PR-3120", "item": "Docking station", "amount": 289, "requestedBy": "sam.ito@harbor-it.example"},
    ),
    versions=(
        [
            choose(
                "small",
                "payload.amount < 500",
                [
                    set_state("auto", "AUTO_APPROVED"),
                    notify("tell-auto", "Tell the requester", expr("payload.requestedBy"), "Approved automatically."),
                    stop("done"),
                ],
            ),
            decide(
                "decide",
                "Decide about the purchase",
                APPROVAL_TASK_TYPE,
                '"Approve " & payload.item & " for " & toString(payload.amount) & " USD?"',
                amount="payload.amount",
                requestId="payload.requestId",
            ),
            choose(
                "decision",
                "vars.event.approved",
                [notify("tell-yes", "Tell: approved", expr("payload.requestedBy"), "Your purchase was approved.")],
                [notify("tell-no", "Tell: declined", expr("payload.requestedBy"), "Your purchase was declined.")],
            ),
        ],
    ),
)

ON_CALL_ALERT = DemoWorkflow(
    key="on-call-alert",
    name="On-call alert",
    description="Pages the engineer on call through a provider that is not always there.",
    trigger={"type": "event", "eventName": "ALERT_RAISED"},
    payload_schema=payload_schema(
        {"alert": _TEXT, "device": _TEXT},
        {"alert": "Disk almost full", "device": "ALDER-FS01"},
    ),
    versions=(
        [
            remote("page", "Page the engineer on call", "pager", Retries(3, 250)),
            notify("post", "Post in the chat", _ON_CALL, expr('payload.alert & " on " & payload.device'), "chat"),
        ],
    ),
)

BACKUP_VERIFICATION = DemoWorkflow(
    key="backup-verification",
    name="Backup verification",
    description="Mounts last night's backup and compares checksums, every six hours until they agree.",
    payload_schema=payload_schema(
        {"device": _TEXT, "ageHours": {"type": "number"}},
        {"device": "COPPER-SQL02", "ageHours": 7},
    ),
    versions=(
        [
            work("mount", "Mount the backup", 180),
            choose("fresh", "payload.ageHours < 26", [set_state("ok", "FRESH")], [set_state("old", "OUTDATED")]),
            remote("compare", "Compare checksums", "compare", Retries(40, 6 * HOUR_MS, 1)),
            notify("report", "Report the result", "backups@harbor-it.example", expr('payload.device & " verified"')),
        ],
    ),
)

DESK_WORKFLOWS = (TICKET_TRIAGE, NEW_HIRE, RMM_SYNC, PURCHASE_APPROVAL, ON_CALL_ALERT, BACKUP_VERIFICATION)
