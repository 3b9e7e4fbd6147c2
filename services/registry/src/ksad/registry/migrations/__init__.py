"""The steps of the registry's schema."""

from ksad.chassis.migrations import LEADERS, STORE, Script, Step

STEPS = (
    Step(1, "as of release 319cae9", (STORE,)),
    Step(2, "terms that end", (Script("ksad.registry", "0002_terms"),)),
    Step(3, "who leads each role", (LEADERS,)),
)
