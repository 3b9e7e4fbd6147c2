"""What is to be mailed stands in the outbox once, is one process's at a time, and leaves it when its time is over."""

from typing import Any

import pytest
import sqlalchemy as sa

from ksad.chassis.database import Database
from ksad.portal.mail import outbox
from ksad.portal.mail.outbox import MailState, Outbox
from tests.portal.test_sessions import Hand

FIRST: dict[str, Any] = {"id": "00000000-0000-5000-8000-000000000001", "office": "region:33.72", "occasion": "end"}
SECOND = FIRST | {"office": "region:33.11"}


@pytest.fixture
def tables() -> str:
    """The portal's tables."""
    return "portal"


def begun(database: Database, hand: Hand) -> Outbox:
    """An outbox that has read the log up to its beginning."""
    made = Outbox(database, hand)
    made.gather(None, 0, [])
    return made


def test_two_processes_take_a_reminder_in_once(database: Database) -> None:
    """Both have read the same entries: the one that comes second changes nothing, nor does a second reading."""
    hand = Hand()
    one, other = begun(database, hand), Outbox(database, hand)
    assert other.position() == 0
    one.gather(0, 5, [FIRST, SECOND])
    other.gather(0, 5, [FIRST, SECOND])
    one.gather(5, 9, [FIRST])
    assert (other.position(), other.counts().waiting) == (9, 2)


def test_a_mail_is_one_process_s_until_its_lease_ends(database: Database) -> None:
    """Whoever comes second gets the next one, and that of a process that died when its lease is over."""
    hand = Hand()
    one = begun(database, hand)
    one.gather(0, 5, [FIRST, SECOND])
    other = Outbox(database, hand)
    taken = [one.lease(), other.lease()]
    assert {mail.office for mail in taken if mail} == {FIRST["office"], SECOND["office"]}
    assert one.lease() is None
    assert taken[0] is not None
    one.sent(taken[0], "a@b.example", "250 OK")
    hand.time += outbox.LEASE_SECONDS
    again = one.lease()
    assert again == taken[1]
    assert one.lease() is None


def test_what_fails_is_tried_ever_later_and_given_up(database: Database) -> None:
    """After a minute, after two, and not more rarely than each hour; after a fortnight it is refused, and says why."""
    hand = Hand()
    made = begun(database, hand)
    made.gather(0, 5, [FIRST])
    waited: list[int] = []
    for _ in range(8):
        mail = made.lease()
        assert mail is not None
        made.postpone(mail, "a@b.example", "451 later")
        [row] = made.of(FIRST["office"])
        waited.append(row.next_at - int(hand.time))
        hand.time = row.next_at
    assert waited == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    hand.time += outbox.GIVEN_UP_SECONDS
    mail = made.lease()
    assert mail is not None
    made.postpone(mail, "a@b.example", "451 later")
    assert (made.counts().waiting, made.counts().refused) == (0, 1)
    assert [one.answer for one in made.refused()] == ["451 later"]
    assert made.counts().refused_lately == 1
    hand.time += outbox.LATELY_SECONDS
    assert (made.counts().refused, made.counts().refused_lately) == (1, 0), "an operator has seen it by then"


def test_an_office_without_a_mailbox_is_no_operators_care(database: Database) -> None:
    """Its mail is counted apart: it makes none old and, when it is given up, none refused lately."""
    hand = Hand()
    made = begun(database, hand)
    made.gather(0, 5, [FIRST])
    mail = made.lease()
    assert mail is not None
    made.postpone(mail, None, "no mailbox")
    hand.time += 1000
    assert (made.counts().waiting, made.counts().unaddressed, made.counts().oldest_seconds) == (1, 1, 0)
    made.gather(5, 6, [SECOND])
    hand.time += 7
    assert (made.counts().waiting, made.counts().unaddressed, made.counts().oldest_seconds) == (2, 1, 7)
    hand.time += outbox.GIVEN_UP_SECONDS
    for _ in range(2):
        mail = made.lease()
        assert mail is not None
        made.postpone(mail, None if mail.office == FIRST["office"] else "a@b.example", "no mailbox")
    assert (made.counts().refused, made.counts().refused_lately, made.counts().unaddressed) == (2, 1, 0)


def test_what_ended_a_season_ago_is_deleted(database: Database) -> None:
    """With the next reading; what waits stays."""
    hand = Hand()
    made = begun(database, hand)
    made.gather(0, 5, [FIRST, SECOND])
    mail = made.lease()
    assert mail is not None
    made.refuse(mail, "a@b.example", "550 no such user")
    hand.time += outbox.KEPT_SECONDS
    made.gather(5, 6, [])
    with database.read() as connection:
        rows = connection.execute(sa.select(outbox.table.c.state)).scalars().all()
    assert rows == [MailState.WAITING]
