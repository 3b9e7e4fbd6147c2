"""The steps of supervision's schema."""

from ksad.chassis.migrations import FOLLOWER, STORE, Script, Step

STEPS = (Step(1, "as of release 319cae9", (STORE, FOLLOWER, Script("ksad.supervision", "0001_tables"))),)
