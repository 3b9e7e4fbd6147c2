"""The outbox: what an office is reminded of by e-mail, and whether it was sent; for the operator what was refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fastapi import Depends, Response

from ksad.chassis.requests import Router
from ksad.portal.languages import INDONESIAN, language, noted
from ksad.portal.mail.letters import UnwrittenError, letter
from ksad.portal.mail.outbox import MailState
from ksad.portal.mail.postman import UNKNOWN_MAILBOX, UNWRITTEN
from ksad.portal.offers import OUTBOX
from ksad.portal.visits import Officer, officer

if TYPE_CHECKING:
    from ksad.portal.mail.letters import ReminderLetter
    from ksad.portal.mail.outbox import OutboxMail
    from ksad.portal.visits import Visit

STATES = {
    MailState.WAITING: ("wait", noted("menunggu dikirim")),
    MailState.SENT: ("done", noted("terkirim")),
    MailState.REFUSED: ("late", noted("tidak terkirim")),
}
"""How a mail stands: the colour of its tag, and its words."""


class ListedMail(NamedTuple):
    """A mail as a row; ``subject`` and ``path`` are kept from whoever is not the office that it is for.

    What cannot be written has none either.
    """

    subject: str | None
    path: str | None
    office: str
    look: str
    state: str
    moment: str
    mailbox: str | None
    answer: str | None


def router() -> Router:
    """The route of the outbox."""
    routes = Router(dependencies=[Depends(officer)])

    @routes.get(OUTBOX, response_class=Response)
    def get_outbox(visit: Officer) -> Response:
        """The reminders to the own office by e-mail; the operator sees how many there are, and which were refused."""
        outbox, operates = visit.parts.outbox, visit.office == "operator"
        listed = outbox.refused() if operates else outbox.of(visit.office)
        return visit.page(
            "outbox.html",
            rows=[_row(visit, one, told=not operates) for one in listed],
            counts=outbox.counts() if operates else None,
            sends=visit.parts.settings.smtp_url is not None,
            # What the portal itself says; everything else is the answer of a mail server.
            own=(UNKNOWN_MAILBOX, UNWRITTEN),
        )

    return routes


def _row(visit: Visit, mail: OutboxMail, *, told: bool) -> ListedMail:
    look, state = STATES[mail.state]
    said = _letter(visit, mail) if told else None
    return ListedMail(
        None if said is None else said.subject,
        None if said is None else said.path,
        mail.office,
        look,
        state,
        visit.moment(mail.ended or mail.queued),
        mail.mailbox,
        mail.answer if mail.state is not MailState.SENT else None,
    )


def _letter(visit: Visit, mail: OutboxMail) -> ReminderLetter | None:
    """A mail as it is written, in Indonesian; ``None`` where this release cannot."""
    names = visit.parts.lookups.names(visit.credential, language(INDONESIAN))
    try:
        return letter(names, visit.parts.lookups.law(visit.credential), mail.told)
    except UnwrittenError:
        return None
