"""What a reminder says: the occasion, the clause and the facts in Indonesian, to an office and never to a person."""

from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest

from ksad.contracts.law import packaged
from ksad.portal.mail.letters import LETTERS, message
from tests.portal.test_languages import names
from tests.portal.test_pages import CODES

HOME, SENDER = "https://ksad.kemendagri.example", "ksad@kemendagri.example"
IDENTITY = "00000000-0000-5000-8000-000000000001"
TASK = {
    "task_id": IDENTITY,
    "duty": "d.4",
    "clause": "P10.d.4",
    "body": "tkksd:33",
    "due_on": "2026-09-01",
    "rests_on": "2026-12-01",
}
ABOUT = {
    "cooperation_id": IDENTITY,
    "key": "sampah",
    "title": "Pengolahan sampah & air\nbersih",
    "parties": ["33.72", "33.11"],
}
TOLD: dict[str, dict[str, Any]] = {
    "end": {"office": "region:33.72", "task": TASK, "cooperation": ABOUT},
    "assigned": {"office": "tkksd:33", "task": TASK, "cooperation": ABOUT},
    "late": {"office": "tkksd:33", "task": TASK | {"duty": "R2", "clause": "P12"}, "cooperation": None},
    "confirmation": {
        "office": "region:33.11",
        "act": {"name": "penandatanganan kesepakatan", "proposer": "33.72", "expires_on": "2026-10-01"},
        "cooperation": ABOUT,
    },
    "returned": {
        "office": "tkksd:33",
        "report": {
            "report_id": IDENTITY,
            "kind": "R2",
            "period": "2026-S1",
            "from_office": "tkksd:33",
            "to_office": "governor:33",
        },
        "cooperation": None,
    },
}


def written(occasion: str, *, training: bool = False) -> EmailMessage:
    """The mail of an occasion."""
    told = {"id": IDENTITY, "on": "2026-08-01", "occasion": occasion, **TOLD[occasion]}
    moment = datetime(2026, 8, 1, tzinfo=UTC)
    return message(names("id"), packaged(), told, SENDER, "kantor@daerah.example", HOME, moment, training=training)


def parts(mail: EmailMessage) -> tuple[str, str]:
    """The text and the HTML of a mail."""
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    return plain.get_content(), html.get_content()


@pytest.mark.parametrize("occasion", LETTERS)
def test_each_occasion_is_told_in_words(occasion: str) -> None:
    """Subject, text and HTML have no code and no line break where none may be; both parts lead to the same page."""
    mail = written(occasion)
    text, html = parts(mail)
    assert "\n" not in mail["Subject"]
    assert text.startswith("Yth. ")
    for said in (mail["Subject"], text.replace(IDENTITY, ""), html.replace(IDENTITY, "")):
        assert not CODES.search(said), said
    [address] = [line for line in text.splitlines() if line.startswith(HOME)]
    assert f'href="{address}"' in html
    assert mail["Auto-Submitted"] == "auto-generated"


def test_the_end_is_announced_with_the_words_of_the_regulation() -> None:
    """A party reads by when, and each of the six things that the regulation has it prepare, with the clause."""
    mail = written("end")
    text, html = parts(mail)
    assert mail["Subject"] == "Kerja sama Pengolahan sampah & air bersih berakhir 1 Desember 2026"
    assert text.startswith("Yth. Wali Kota Surakarta\n\nTKKSD Provinsi Jawa Tengah mengingatkan")
    items = [one.text for one in packaged().profile("ksad-2009").clauses.values() if one.id.startswith("P10.d.4.")]
    assert len(items) == 6
    assert all(one in text and one in html for one in items)
    assert "Permendagri 23/2009 Pasal 10 huruf d angka 4" in text
    assert "sampah &amp; air" in html


def test_a_mail_is_known_by_event_and_office() -> None:
    """Written twice it has the same Message-ID, under the host of its sender, and another one for another office."""
    first, again, other = written("end"), written("end"), written("confirmation")
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert str(first["Message-ID"]).endswith("@kemendagri.example>")
