"""The steps of supervision's schema."""

from ksad.chassis.migrations import FOLLOWER, LEADERS, STORE, Script, Step

STEPS = (
    Step(1, "as of release 319cae9", (STORE, FOLLOWER, Script("ksad.supervision", "0001_tables"))),
    Step(2, "who supervises an agreement", (Script("ksad.supervision", "0002_agreements"),)),
    Step(3, "what findings call for", (Script("ksad.supervision", "0003_follow_ups"),)),
    Step(4, "what lists of tasks are selected by", (Script("ksad.supervision", "0004_lists"),)),
    Step(5, "who leads each role", (LEADERS,)),
    Step(6, "what a task is the occasion of", (Script("ksad.supervision", "0006_occasions"),)),
)
