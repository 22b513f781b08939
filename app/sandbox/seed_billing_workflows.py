"""The demo's workflows around invoices and payments."""

from __future__ import annotations

from decimal import Decimal

from app.sandbox.seed_steps import (
    DAY_MS,
    Call,
    DemoWorkflow,
    Retries,
    await_event,
    call,
    choose,
    expr,
    notify,
    pause,
    payload_schema,
    remote,
    set_state,
    stop,
    work,
)

_TEXT = {"type": "string"}

INVOICE_DUNNING = DemoWorkflow(
    key="invoice-dunning",
    name="Invoice dunning",
    description="Reminds a customer of an open invoice, twice, a week apart.",
    payload_schema=payload_schema(
        {"invoiceId": _TEXT, "amount": {"type": "number"}, "customer": {"type": "object"}},
        {
            "invoiceId": "INV-2410",
            "amount": Decimal("184.50"),
            "customer": {"name": "Bluefin Dental", "email": "office@bluefin.example", "taxId": "98-7654321"},
        },
    ),
    versions=(
        [
            choose("small", "payload.amount < 25", [set_state("waive", "WAIVED"), stop("done")]),
            notify(
                "first",
                "First reminder",
                expr("payload.customer.email"),
                expr('"Invoice " & payload.invoiceId & " is open."'),
            ),
            pause("grace", "A week's grace", 7 * DAY_MS),
            notify(
                "second",
                "Second reminder",
                expr("payload.customer.email"),
                expr('"Invoice " & payload.invoiceId & " is overdue."'),
            ),
            await_event(
                "await-payment", "Wait for the payment", "PAYMENT_RECEIVED", "payload.invoiceId", timeout_ms=14 * DAY_MS
            ),
        ],
    ),
)

PAYMENT_FAILED = DemoWorkflow(
    key="payment-failed",
    name="Payment failed",
    description="Charges a card again after a failed payment and tells the customer.",
    trigger={"type": "event", "eventName": "PAYMENT_FAILED", "sourcePayloadSchemaRef": "payload.PaymentFailed.v1"},
    payload_schema=payload_schema(
        {"invoiceId": _TEXT, "amount": {"type": "number"}, "customer": {"type": "object"}, "apiKey": _TEXT},
        {
            "invoiceId": "INV-2291",
            "amount": Decimal("184.50"),
            "customer": {"name": "Bluefin Dental", "email": "office@bluefin.example", "taxId": "98-7654321"},
            "apiKey": "paste-the-payment-key",
        },
    ),
    versions=(
        [
            call(
                "load",
                "Load customer",
                Call("store.get", {"namespace": "customers", "key": expr("payload.customer.email")}, "known"),
            ),
            work("find", "Find invoice", 90),
            remote("charge", "Charge card", "charge", Retries(2, 300)),
            notify(
                "tell",
                "Tell the customer",
                expr("payload.customer.email"),
                expr('"We have charged " & toString(payload.amount) & " for " & payload.invoiceId & "."'),
            ),
        ],
    ),
)

BILLING_WORKFLOWS = (INVOICE_DUNNING, PAYMENT_FAILED)
