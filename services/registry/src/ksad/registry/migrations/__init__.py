"""The steps of the registry's schema."""

from ksad.chassis.migrations import STORE, Step

STEPS = (Step(1, "as of release 319cae9", (STORE,)),)
