"""What an office may do is what it would not be refused: both are asked of the same rules."""

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import to_jsonable_python

from ksad.contracts.rules import Affordance
from ksad.contracts.strict import read_value
from ksad.registry.domain.affording import may
from ksad.registry.domain.affording.affordances import EXAMPLES, refused_by
from ksad.registry.domain.commands import COMMANDS
from ksad.registry.domain.context import Context
from tests.registry.test_order_properties import STARTS, STEPS
from tests.support.histories.cooperations import BOTH, KARANGANYAR, PAPER, SOLO, TODAY, YOGYA, Case, adopted

OFFICES = [
    f"region:{SOLO}",
    f"region:{KARANGANYAR}",
    f"region:{YOGYA}",
    "tkksd:33",
    "governor:33",
    "minister",
    "auditor",
]
TRIED = st.lists(st.sampled_from(sorted(set(STEPS) & set(EXAMPLES))), min_size=3, max_size=8)


def today(case: Case) -> Context:
    """The circumstances of a case today."""
    return Context(adopted()._replace(policy=case.policy), TODAY, TODAY)


def afforded(case: Case, office: str) -> dict[str, Affordance]:
    """What an office may do with a case today, by act."""
    return {one.act: one for one in may(office, case.state, today(case))}


def allowed(case: Case, office: str) -> set[str]:
    """The acts that an office may do with a case today."""
    return {act for act, one in afforded(case, office).items() if one.allowed}


def test_every_act_on_a_cooperation_is_tried() -> None:
    """All commands but those that are about an entry or a profile, not about the cooperation."""
    assert set(COMMANDS) - set(EXAMPLES) == {"correct", "pin-profile"}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_is_not_refused_was_allowed(data: st.DataObject) -> None:
    """Whatever an office tries, with whatever fields: if no rule forbids it, the act was said to be allowed."""
    case = STARTS[data.draw(st.sampled_from(sorted(STARTS)))]()
    for name in data.draw(TRIED):
        office = data.draw(st.sampled_from(OFFICES))
        fields = {field: value for field, values in STEPS[name].items() if (value := data.draw(values)) is not None}
        if "numbers" in fields:
            fields["numbers"] = dict.fromkeys(case.state.parties, "1")
        asked = to_jsonable_python({"on": TODAY, "document": PAPER, **fields})
        asked = {field: value for field, value in asked.items() if field in COMMANDS[name].model_fields}
        command = read_value(COMMANDS[name], asked)
        context = today(case)._replace(office=office)
        if refused_by(office, command, case.state, context) is None:
            assert afforded(case, office)[name].allowed, (name, office)
            case.do(name, TODAY, office=office, **fields)


def test_an_act_that_is_allowed_says_with_what() -> None:
    """The choices are those of the state: its agreements, open problems, stages that follow."""
    case = Case().running().do("report-problem", problem="banjir", description="x")
    found = afforded(case, f"region:{SOLO}")
    assert found["resolve-problem"].about == ({"problem": "banjir"},)
    assert found["amend"].about == ({"agreement": "perjanjian-1"},)
    assert found["form-body"].about == ({},)
    signing = afforded(Case().negotiating(), f"region:{SOLO}")["enter-stage"]
    assert [one["stage"].value for one in signing.about] == ["exploration", "signing"]


def test_an_act_that_is_not_allowed_says_the_rule() -> None:
    """It is the rule, with the clause and the sentence, that a request would be answered with."""
    refusal = afforded(Case(), f"region:{SOLO}")["sign-accord"].refusal
    assert refusal is not None
    assert (refusal.rule, refusal.clause) == ("signed-at-signing", "P4.c")
    assert refusal.detail == Case().refused("signed-at-signing", "sign-accord", numbers=BOTH).detail
    nothing = afforded(Case(), f"region:{SOLO}")["resolve-problem"].refusal
    assert nothing is not None
    assert nothing.rule == "nothing-to-do"
    assert not allowed(Case().running(), "auditor")


def test_whoever_does_not_see_it_is_not_told_why() -> None:
    """A region that is no party learns from no reason what is open: of all acts it hears the same."""
    plain, open_ = Case(), Case().do("report-problem", problem="banjir", description="x")
    told = [
        {act: one.refusal.detail for act, one in afforded(case, "region:32.01").items() if one.refusal is not None}
        for case in (plain, open_)
    ]
    assert told[0] == told[1]
    assert len(set(told[0].values())) == 1
    assert {one.refusal.rule for one in afforded(plain, "region:32.01").values() if one.refusal} == {"office-may"}
