"""Who acts is an office: of the ministry, of a province's Governor and team, or of a region."""

import pytest
from pydantic import TypeAdapter, ValidationError

from ksad.contracts.identifiers import Office

OFFICE: TypeAdapter[str] = TypeAdapter(Office)


@pytest.mark.clause("P1.2")
@pytest.mark.parametrize(
    "office", ["region:32", "region:32.75", "governor:32", "tkksd:32", "joint_secretariat", "minister"]
)
def test_head_and_agencies_of_a_region_are_one_office(office: str) -> None:
    """A region's government acts as one office, whichever agency wrote; supervisors have offices of their own."""
    assert OFFICE.validate_python(office) == office


@pytest.mark.clause("P1.2")
@pytest.mark.parametrize(
    "office", ["", "bupati", "region:32.75:dinas", "region:3275", "governor:32.75", "Budi", "tkksd:"]
)
def test_neither_person_nor_agency_is_an_office(office: str) -> None:
    """Persons never act, an agency acts as its region, and only a province has a Governor and a team."""
    with pytest.raises(ValidationError, match="is not an office"):
        OFFICE.validate_python(office)
