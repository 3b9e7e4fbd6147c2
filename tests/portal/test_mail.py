"""Reminders reach the offices' mailboxes once, over a real mail server, and opening one is recorded by its button."""

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from ksad.chassis.auth import LocalIssuer
from ksad.chassis.clock import clock_from
from ksad.chassis.database import Database
from ksad.local.machine.platform import wait_settled
from ksad.portal.gateway import Gateway
from ksad.portal.identity.credentials import MailerAccount
from ksad.portal.lookups import Lookups
from ksad.portal.mail.delivery import MailServer
from ksad.portal.mail.outbox import LEASE_SECONDS, MailState, Outbox
from ksad.portal.mail.postman import UNKNOWN_MAILBOX, UNWRITTEN, Postman
from ksad.portal.settings import PortalSettings
from tests.portal.conftest import FIRST, SECOND, Browsers
from tests.portal.test_recording import opened
from tests.portal.test_sessions import Hand
from tests.support.servers.authority import Authority
from tests.support.servers.mail import TestMailServer
from tests.support.servers.schemas import ON_SQLITE
from tests.system.test_production import OF_THE_PORTAL

pytestmark = pytest.mark.xdist_group("portal")
BODY = "tkksd:33"
BOXES = {SECOND: "sukoharjo@daerah.example", BODY: "tkksd@jatengprov.example"}
HOME, SENDER = "http://127.0.0.1:8000", "ksad@kemendagri.example"


@pytest.fixture
def tables() -> str:
    """The portal's tables."""
    return "portal"


@pytest.fixture(scope="module")
def task(browsers: Browsers) -> str:
    """A task of the team that has an officer; the mailboxes are adopted."""
    content = 'id = "offices"\nsays = "uji"\n' + "".join(
        f"[offices.{json.dumps(office)}]\nmailbox = {json.dumps(box)}\n" for office, box in BOXES.items()
    )
    text = {
        "kind": "offices",
        "name": "offices",
        "content": content,
        "sha256": hashlib.sha256(content.encode()).hexdigest(),
        "source": "uji",
    }
    decision = {"number": "1/2026", "date": "2026-06-29", "office": "minister"}
    with browsers.client() as client:
        client.post("registry", "/references", "minister", "mailboxes", text | {"decision": decision})
        listed = client.get("supervision", "/tasks", BODY, open=True)["items"]
        found = str(next(one["task_id"] for one in listed if one["body"] == BODY))
        client.post("supervision", f"/tasks/{found}/assign", BODY, "mail-assign", {"assignee": "petugas-07"})
        wait_settled(client)
    return found


class Office:
    """A portal's postman with its own settings; several share a database. ``hand`` is the clock of all of them."""

    def __init__(self, browsers: Browsers, database: Database, hand: Hand, url: str | None) -> None:
        given = browsers.app.settings
        self.settings = PortalSettings.model_validate(
            given.model_dump() | {"smtp_url": url, "mail_from": SENDER, "portal_url": HOME}
        )
        self.outbox = Outbox(database, hand)
        self.gateway = Gateway(self.settings)
        account = MailerAccount(LocalIssuer(given.issuer_keys_dir, given.audience), None)
        lookups = Lookups(self.gateway, clock_from(self.settings))
        server = None if url is None else MailServer(url, None)
        self.postman = Postman(self.settings, self.outbox, self.gateway, lookups, account, server)

    def close(self) -> None:
        """Closes its connections."""
        self.gateway.__exit__()

    def round(self) -> None:
        """Goes around once."""
        while self.postman.gather():
            pass
        asyncio.run(self.postman.deliver())


@pytest.fixture
def hand() -> Hand:
    """The clock of the outbox."""
    return Hand()


@pytest.fixture
def server() -> Iterator[TestMailServer]:
    """A mail server that runs."""
    with TestMailServer() as running:
        yield running


@pytest.fixture
def office(browsers: Browsers, task: str, database: Database, hand: Hand, server: TestMailServer) -> Iterator[Office]:
    """A postman that begins with the first entry of the log."""
    with closing(Office(browsers, database, hand, server.url)) as made:
        made.outbox.gather(None, 0, [])
        yield made


def recipients(server: TestMailServer) -> list[str]:
    """To whom mail went."""
    return sorted(str(one["To"]) for one in server.messages)


EXPECTED = sorted([BOXES[SECOND], BOXES[SECOND], BOXES[BODY]])
"""Two acts ask the second party, and one task was assigned; more of them may come from other tests."""


def of(server: TestMailServer, box: str) -> list[EmailMessage]:
    """What a mailbox got."""
    return [one for one in server.messages if one["To"] == box]


def test_each_reminder_arrives_once(
    office: Office, server: TestMailServer, browsers: Browsers, database: Database, hand: Hand
) -> None:
    """Also with two portals on one database that go around at once, and when both go around again."""
    with closing(Office(browsers, database, hand, server.url)) as other:
        while office.postman.gather() or other.postman.gather():
            pass

        async def both() -> None:
            await asyncio.gather(office.postman.deliver(), other.postman.deliver())

        asyncio.run(both())
        other.round()
    office.round()
    assert [one for one in recipients(server) if one in BOXES.values()] == recipients(server)
    assert len(server.messages) == len({one["Message-ID"] for one in server.messages}) >= len(EXPECTED)
    subjects = {str(one["Subject"]) for one in of(server, BOXES[SECOND])}
    assert "Menunggu konfirmasi: penandatanganan kesepakatan, Jalan penghubung" in subjects
    assert all(one["From"] == SENDER for one in server.messages)
    assert office.outbox.counts().sent == len(server.messages)


@ON_SQLITE
def test_what_cannot_go_now_goes_later(office: Office, server: TestMailServer, hand: Hand) -> None:
    """While the server is away all waits, and is sent when it is back; what has no mailbox waits for one."""
    server.stop()
    office.round()
    assert office.outbox.counts().sent == 0
    assert office.outbox.counts().waiting >= len(EXPECTED)
    assert all("ConnectError" in (one.answer or "") for one in office.outbox.of(SECOND))
    server.start()
    office.round()
    assert server.messages == []
    hand.time += 60
    office.round()
    assert Counter(EXPECTED) <= Counter(recipients(server))
    waiting = [one for one in office.outbox.of(FIRST) if one.state is MailState.WAITING]
    assert all(one.answer == UNKNOWN_MAILBOX for one in waiting)


@ON_SQLITE
def test_what_a_server_refuses_for_good_is_told_with_its_words(office: Office, server: TestMailServer) -> None:
    """5xx for a recipient ends a mail, 4xx has it wait; the others are sent."""
    server.answers = {BOXES[SECOND]: "550 5.1.1 no such mailbox", BOXES[BODY]: "450 4.2.1 try again"}
    office.round()
    assert server.messages == []
    assert {(one.state, one.answer) for one in office.outbox.of(SECOND)} == {
        (MailState.REFUSED, "550 5.1.1 no such mailbox")
    }
    assert {(one.state, one.answer) for one in office.outbox.of(BODY)} == {(MailState.WAITING, "450 4.2.1 try again")}
    check = office.postman.check()
    assert (check.ok, check.care) == (True, True)


@ON_SQLITE
def test_killed_before_the_note_the_same_mail_comes_twice(office: Office, server: TestMailServer, hand: Hand) -> None:
    """The server has taken it and nobody knows: mail can promise no more than at least once, under one Message-ID."""
    while office.postman.gather():
        pass
    mail = next(one for one in iter(office.outbox.lease, None) if one.office in BOXES)
    asyncio.run(MailServer(server.url).deliver(office.postman._written(mail, BOXES[mail.office])))
    office.round()
    assert len({one["Message-ID"] for one in server.messages}) == len(server.messages)
    hand.time += LEASE_SECONDS
    office.round()
    assert len({one["Message-ID"] for one in server.messages}) == len(server.messages) - 1
    office.round()
    assert {one.state for box in BOXES for one in office.outbox.of(box)} == {MailState.SENT}


@ON_SQLITE
def test_what_cannot_be_written_keeps_no_other_mail(office: Office, server: TestMailServer, hand: Hand) -> None:
    """A reminder of an occasion that this release does not know waits and says so; those after it are sent."""
    strange = {"id": "00000000-0000-5000-8000-0000000000ab", "office": BODY, "occasion": "of-tomorrow"}
    office.outbox.gather(0, 0, [strange])
    hand.time += 1
    office.round()
    assert Counter(EXPECTED) <= Counter(recipients(server))
    waiting = [(one.occasion, one.answer) for one in office.outbox.of(BODY) if one.state is MailState.WAITING]
    assert waiting == [(strange["id"], UNWRITTEN)]


@pytest.mark.parametrize("implicit", [False, True])
def test_mail_goes_over_checked_tls(implicit: bool, tmp_path: Path) -> None:
    """With STARTTLS and with TLS from the first byte; a server whose authority nobody named gets nothing."""
    authority = Authority(tmp_path)
    certificate = authority.issue("127.0.0.1")
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = SENDER, BOXES[BODY], "uji"
    mail.set_content("uji")
    with TestMailServer(certificate, implicit=implicit) as server:
        strange = asyncio.run(MailServer(server.url).deliver(mail))
        assert (strange.state, server.messages) == (MailState.WAITING, [])
        answer = asyncio.run(MailServer(server.url, tmp_path / "ca.pem").deliver(mail))
    assert (answer.state, len(server.messages)) == (MailState.SENT, 1)


def test_opening_a_reminder_is_recorded_by_its_button_alone(browsers: Browsers, task: str) -> None:
    """Whatever follows the link records nothing; the button records office and day once, and the task shows it."""
    path = f"/tugas/{task}/pengingat/assigned"
    browser = browsers.officer(BODY)
    for _ in range(2):
        assert browser.get(path).status_code == 200
    assert receipts(browsers, task) == []
    assert browsers.nobody().get(path).headers["location"].startswith("/masuk?kembali=")
    key = opened(browser, path)
    later = opened(browser, path)
    for form in (key, key, later):
        done = browser.post(path, data=form)
        assert (done.status_code, done.headers["location"]) == (303, f"/tugas/{task}?tercatat=berlaku")
    assert receipts(browsers, task) == [{"office": BODY, "reminder": "assigned"}]
    assert "TKKSD Provinsi Jawa Tengah membuka pengingat" in browser.get(f"/tugas/{task}").text
    unsent = f"/tugas/{task}/pengingat/late"
    assert browser.post(unsent, data=opened(browser, unsent)).status_code == 409


def receipts(browsers: Browsers, task: str) -> list[dict[str, Any]]:
    """Which offices opened which reminders of a task."""
    with browsers.client() as client:
        wait_settled(client)
        events = client.get("supervision", f"/tasks/{task}/events", BODY)["items"]
    found = [one["data"] for one in events if one["type"].startswith("ksad.task.reminder_opened")]
    return [{name: one[name] for name in ("office", "reminder")} for one in found]


def test_the_outbox_is_shown_to_whom_it_concerns(browsers: Browsers, task: str) -> None:
    """An office reads its own mail without a mail server; the operator sees numbers and refusals, and no subject."""
    outbox: Outbox = browsers.app.parts.outbox
    report = {"report_id": task, "kind": "R2", "period": "2026-S1", "from_office": BODY, "to_office": "governor:33"}
    about = {"occasion": "returned", "on": "2026-06-30", "cooperation": None, "report": report}
    reminder = {"id": "00000000-0000-5000-8000-0000000000aa", "office": BODY, **about}
    outbox.gather(outbox.position(), outbox.position() or 0, [reminder])
    mail = next(one for one in outbox.of(BODY) if one.occasion == reminder["id"])
    subject = "Laporan dikembalikan: Laporan TKKSD semester I 2026"
    assert subject in browsers.officer(BODY).get("/surel").text
    assert subject not in browsers.officer("tkksd:31").get("/surel").text
    strange = reminder | {"id": "00000000-0000-5000-8000-0000000000ac", "occasion": "of-tomorrow"}
    outbox.gather(outbox.position(), outbox.position() or 0, [strange])
    assert subject in browsers.officer(BODY).get("/surel").text, "also beside a mail that cannot be written"
    outbox.refuse(mail, BOXES[BODY], "550 no such mailbox")
    seen = browsers.officer("operator").get("/surel").text
    assert "550 no such mailbox" in seen
    assert subject not in seen
    told = browsers.nobody().get("/metrics").text
    assert 'ksad_mail_refused{service="portal"} 1.0' in told
    assert all(f'{name}{{service="portal"}}' in told for name in OF_THE_PORTAL)
