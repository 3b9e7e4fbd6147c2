"""The steps of reporting's schema. Tables of projections are none of them: each generation makes its own."""

from ksad.chassis.migrations import FOLLOWER, STORE, Script, Step

STEPS = (Step(1, "as of release 319cae9", (STORE, FOLLOWER, Script("ksad.reporting", "0001_journal"))),)
