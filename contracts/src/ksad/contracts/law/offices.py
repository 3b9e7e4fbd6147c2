"""What the letters of each office carry, as adopted: letterhead, address and seat, and where a print is checked."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from ksad.contracts.identifiers import Key, Office
from ksad.contracts.law.model import Value, Words

Line = Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]
Mailbox = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,60}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$")]
ProofPage = Annotated[str, StringConstraints(pattern=r"^https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~-]+)*$")]


class OfficeEntry(Value):
    """One office: the lines of its letterhead and address, the town of its seat, and its mailbox, never a person's."""

    letterhead: tuple[Line, ...] = ()
    address: tuple[Line, ...] = ()
    seat: Line | None = None
    mailbox: Mailbox | None = None


class AdoptedOffices(Value):
    """The entries by office. ``proof_page`` is the address under which a printed report is compared with the log."""

    id: Key
    says: Words
    proof_page: ProofPage | None = None
    offices: Annotated[dict[Office, OfficeEntry], Field(default_factory=dict)]

    def entry(self, office: str) -> OfficeEntry:
        """What was adopted for an office; an empty entry where nothing was."""
        return self.offices.get(office) or OfficeEntry()


NOBODY = AdoptedOffices(id="offices", says="belum ditetapkan", offices={})
"""What holds until a text is adopted: no office has a seat, and no page is named."""
