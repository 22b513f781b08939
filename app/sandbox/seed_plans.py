"""Which runs the demo shows: what starts each one, with which payload, and what happens to it afterwards.

Every secret is invented and says so. ``simulate`` tells a pretended remote system how often to fail, and with what.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from uuid import UUID

from app.domain.run import JsonValue
from app.sandbox.seed_identity import demo_id

Payload = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Event:
    """The event that the run waits for arrives."""

    payload: Payload


@dataclass(frozen=True, slots=True)
class Answer:
    """Somebody answers the run's human task."""

    approved: bool
    comment: str


@dataclass(frozen=True, slots=True)
class Cancellation:
    """The administrator cancels the run."""

    reason: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """The administrator replays the ended run, unedited or with a later ``simulate``."""

    reason: str
    simulate: Payload | None = None


FollowUp = Event | Answer | Cancellation | Replayed


@dataclass(frozen=True, slots=True)
class RunPlan:
    """One run. ``stays_open`` says that it is still active when seeding is over; ``event`` that an event started it."""

    name: str
    workflow: str
    payload: Payload
    version: int | None = None
    event: str | None = None
    scheduled: bool = False
    follow_up: FollowUp | None = None
    stays_open: bool = False

    @property
    def run_id(self) -> UUID:
        """The run's id, which is also its request id."""
        return demo_id("run", self.name)

    @property
    def pauses(self) -> bool:
        """Whether the run comes to rest before it ends: it waits for a follow-up, or beyond the seeding."""
        return self.stays_open or isinstance(self.follow_up, (Event, Answer, Cancellation))

    @property
    def replay_id(self) -> UUID:
        """The id of the run that replays this one."""
        return demo_id("replay", self.name)


_CUSTOMERS: dict[str, Payload] = {
    "bluefin": {"name": "Bluefin Dental", "email": "office@bluefin.example", "taxId": "98-7654321"},
    "alder": {"name": "Alder & Finch LLP", "email": "billing@alderfinch.example", "taxId": "47-1120983"},
    "copper": {"name": "Copperline Logistics", "email": "ap@copperline.example", "taxId": "83-5529017"},
    "juniper": {"name": "Juniper Street Bakery", "email": "hello@juniperstreet.example", "taxId": "12-4478120"},
    "summit": {"name": "Summit Orthopedics", "email": "accounts@summitortho.example", "taxId": "65-9013348"},
}
_PAYMENT_KEY = "demo-payment-key-7f3a91c2d4"
_AGENT_KEY = "demo-agent-key-51b0e6a8"


def demo_plans() -> tuple[RunPlan, ...]:
    """Return every run that is executed through Temporal, in launch order: mixed, as a desk's day is."""
    groups = (_tickets, _dunning, _new_hires, _syncs, _purchases, _alerts, _backups, _payments)
    rounds = zip_longest(*(group() for group in groups))
    return tuple(plan for plans in rounds for plan in plans if plan is not None)


def _tickets() -> Iterator[RunPlan]:
    replied = ("Thank you, it works again.", "Still the same after the restart.", "Tuesday at ten suits us.")
    tickets: tuple[tuple[str, str, FollowUp | None], ...] = (
        ("Outlook asks for the password again", "P2", None),
        ("VPN drops every hour", "P2", Event({"text": replied[1]})),
        ("Server room is at 31 degrees", "P1", Event({"text": "The air conditioning runs again."})),
        ("New monitor flickers", "P3", None),
        ("Cannot open the shared calendar", "P3", Event({"text": replied[0]})),
        ("Phishing mail clicked in accounting", "P1", None),
        ("Printer on floor 2 offline", "P3", Cancellation("Duplicate of T-20411")),
        ("Laptop does not charge", "P2", Event({"text": replied[2]})),
        ("Teams calls without sound", "P3", Event({"text": replied[0]})),
        ("Access to the payroll share", "P2", None),
        ("Shop terminal shows yesterday's prices", "P1", Event({"text": "All prices are right now."})),
        ("Wi-Fi in the waiting room is slow", "P3", None),
        ("Scanner sends empty PDFs", "P3", Cancellation("The customer withdrew the ticket")),
    )
    for number, (subject, priority, follow_up) in enumerate(tickets):
        ticket = f"T-{20404 + number}"
        yield RunPlan(
            name=f"ticket:{ticket}",
            workflow="ticket-triage",
            payload={"ticketId": ticket, "subject": subject, "priority": priority},
            event="TICKET_CREATED",
            follow_up=follow_up,
            stays_open=follow_up is None,
        )


def _dunning() -> Iterator[RunPlan]:
    invoices: tuple[tuple[str, str, str, bool], ...] = (
        ("INV-2274", "1249.00", "alder", True),
        ("INV-2280", "18.90", "juniper", False),
        ("INV-2283", "612.75", "copper", True),
        ("INV-2287", "9.99", "summit", False),
        ("INV-2288", "2310.40", "summit", True),
        ("INV-2290", "184.50", "bluefin", True),
        ("INV-2293", "21.00", "bluefin", False),
    )
    for invoice, amount, customer, stays_open in invoices:
        payload = _invoice(invoice, amount, customer)
        yield RunPlan(f"dunning:{invoice}", "invoice-dunning", payload, scheduled=True, stays_open=stays_open)
    yield RunPlan(
        "dunning:INV-2295",
        "invoice-dunning",
        {**_invoice("INV-2295", "740.00", "juniper"), "iban": "XX00 0000 1234 5678 9000"},
        scheduled=True,
        follow_up=Cancellation("Paid by check this morning"),
    )
    nameless: Payload = {"name": "Walk-in customer", "email": ""}
    payload = {"invoiceId": "INV-2297", "amount": Decimal("88.00"), "customer": nameless}
    yield RunPlan("dunning:INV-2297", "invoice-dunning", payload, scheduled=True)


def _invoice(invoice: str, amount: str, customer: str) -> Payload:
    return {"invoiceId": invoice, "amount": Decimal(amount), "customer": _CUSTOMERS[customer]}


def _new_hires() -> Iterator[RunPlan]:
    hires: tuple[tuple[str, bool, Payload], ...] = (
        ("Noor Haddad", False, {}),
        ("Felix Brandt", True, {}),
        ("Ana Lucia Reyes", False, {"badge": _failing("BADGE_PRINTER_OFFLINE", "The badge printer does not answer")}),
        ("Tom Okafor", False, {}),
        ("Grace Lindqvist", True, {}),
        ("Wei Zhang", False, {"mailbox": _failing("CONFLICT", "wei.zhang@alderfinch.example is already taken")}),
        ("Ines Moreau", False, {}),
    )
    for name, needs_laptop, simulate in hires:
        address = f"{name.split()[0]}.{name.split()[-1]}@alderfinch.example".lower()
        yield RunPlan(
            name=f"hire:{address}",
            workflow="new-hire-onboarding",
            payload={
                "employee": {"name": name, "email": address, "manager": "Dana Whitfield"},
                "accounts": ["Microsoft 365", "VPN", "Payroll"],
                "initialPassword": f"demo-{name.split()[0].lower()}-first-day",
                "needsLaptop": needs_laptop,
                "simulate": simulate,
            },
            stays_open=needs_laptop,
        )


def _syncs() -> Iterator[RunPlan]:
    outage: Payload = {"fetch": _failing("AGENT_UNREACHABLE", "The agent platform did not answer within 10 seconds")}
    hiccup: Payload = {"fetch": _failing("AGENT_UNREACHABLE", "Connection reset", times=1)}
    limited: Payload = {
        "publish": _failing("RATE_LIMITED", "429: too many writes, next window in 40 s", "TransientError")
    }
    sites: tuple[tuple[str, Payload], ...] = (
        ("bluefin-main", {}),
        ("alder-floor-3", hiccup),
        ("copper-depot-east", outage),
        ("copper-depot-west", {}),
        ("juniper-shop", {}),
        ("summit-clinic", limited),
        ("summit-lab", {}),
        ("alder-archive", outage),
        ("bluefin-annex", limited),
    )
    for site, simulate in sites:
        follow_up = Replayed("Provider says the limit was raised") if site == "summit-clinic" else None
        yield RunPlan(f"sync:{site}", "rmm-sync", _site(site, simulate), scheduled=True, follow_up=follow_up)
    yield RunPlan("sync:scan", "rmm-sync", {**_site("copper-yard", {}), "fullScan": True}, stays_open=True)
    yield RunPlan("sync:v1", "rmm-sync", _site("juniper-kitchen", {}), version=1)


def _site(site: str, simulate: Payload) -> Payload:
    return {"siteId": f"site-{site}", "apiKey": _AGENT_KEY, "simulate": simulate}


def _purchases() -> Iterator[RunPlan]:
    requests: tuple[tuple[str, str, FollowUp | None, bool], ...] = (
        ("Docking station", "289.00", None, False),
        ("Firewall FW-220 with three years of support", "4180.00", None, True),
        ("Replacement switch for Copperline", "1395.50", Answer(True, "Within budget"), False),
        ("Conference chairs", "2240.00", Answer(False, "Ask again next quarter"), False),
        ("USB-C cables", "64.20", None, False),
        ("Backup appliance, 48 TB", "9875.00", None, True),
        ("Two UPS units for Summit", "1120.00", Answer(True, "Go ahead"), False),
        ("Licenses for 12 seats", "1728.00", None, True),
    )
    for number, (item, amount, follow_up, stays_open) in enumerate(requests):
        request = f"PR-{3104 + number}"
        yield RunPlan(
            name=f"purchase:{request}",
            workflow="purchase-approval",
            payload={
                "requestId": request,
                "item": item,
                "amount": Decimal(amount),
                "requestedBy": "sam.ito@harbor-it.example",
            },
            follow_up=follow_up,
            stays_open=stays_open,
        )


def _alerts() -> Iterator[RunPlan]:
    unreachable, late = "PAGER_UNREACHABLE", "The pager provider closed the connection"
    alerts: tuple[tuple[str, str, int], ...] = (
        ("Disk almost full", "ALDER-FS01", 0),
        ("Backup job missed", "COPPER-SQL02", 1),
        ("CPU above 95 percent", "SUMMIT-PACS", 2),
        ("Certificate expires tomorrow", "bluefin.example", 0),
        ("Internet line down", "JUNIPER-GW", 9),
        ("RAID degraded", "ALDER-ESX2", 1),
        ("UPS on battery", "COPPER-UPS1", 9),
        ("Temperature above 30 degrees", "SUMMIT-RACK", 0),
    )
    for alert, device, failures in alerts:
        yield RunPlan(
            name=f"alert:{device}",
            workflow="on-call-alert",
            payload={
                "alert": alert,
                "device": device,
                "simulate": {"pager": _failing(unreachable, late, "TransientError", failures)},
            },
            event="ALERT_RAISED",
        )


def _backups() -> Iterator[RunPlan]:
    differ: Payload = {
        "compare": _failing("CHECKSUM_MISMATCH", "3 of 41,208 blocks differ; comparing again in 6 hours")
    }
    backups: tuple[tuple[str, JsonValue, Payload, bool], ...] = (
        ("COPPER-SQL02", 7, {}, False),
        ("ALDER-FS01", 9, differ, True),
        ("SUMMIT-PACS", 31, {}, False),
        ("BLUEFIN-DC", "unknown", {}, False),
        ("JUNIPER-POS", 5, differ, True),
    )
    for device, age, simulate, stays_open in backups:
        payload: Payload = {"device": device, "ageHours": age, "simulate": simulate}
        # An age that is no number breaks the schema, which a start by hand would refuse.
        unfit = not isinstance(age, int)
        yield RunPlan(f"backup:{device}", "backup-verification", payload, stays_open=stays_open, scheduled=unfit)


def _payments() -> Iterator[RunPlan]:
    busy: Payload = {"charge": _failing("UNAVAILABLE", "The payment gateway is busy", times=1)}
    denied: Payload = {
        "charge": _failing("PERMISSION_DENIED", "payments.charge refused: token lacks scope charge:write")
    }
    expired: Payload = {"charge": _failing("CARD_EXPIRED", "The card on file expired in October 2026")}
    payments: tuple[tuple[str, str, str, Payload, FollowUp | None], ...] = (
        ("INV-2281", "96.00", "copper", {}, None),
        ("INV-2284", "1249.00", "alder", expired, None),
        ("INV-2285", "57.25", "juniper", {}, None),
        ("INV-2286", "410.10", "summit", denied, None),
        ("INV-2289", "184.50", "bluefin", {}, None),
        ("INV-2291", "184.50", "bluefin", denied, Replayed("Token renewed with charge:write", {})),
        ("INV-2292", "733.80", "copper", {}, None),
        ("INV-2294", "48.00", "juniper", busy, None),
    )
    for invoice, amount, customer, simulate, follow_up in payments:
        yield RunPlan(
            name=f"payment:{invoice}",
            workflow="payment-failed",
            payload={
                **_invoice(invoice, amount, customer),
                "apiKey": _PAYMENT_KEY,
                "cardReference": f"card-{customer}-01",
                "simulate": simulate,
            },
            event="PAYMENT_FAILED",
            follow_up=follow_up,
        )


def _failing(code: str, message: str, category: str = "ActionError", times: int = 99) -> Payload:
    return {"failures": times, "code": code, "message": message, "category": category}
