"""The steps of reporting's schema. Tables of projections are not part of it: each generation creates its own."""

from ksad.chassis.migrations import FOLLOWER, LEADERS, STORE, Script, Step

STEPS = (
    Step(1, "as of release 319cae9", (STORE, FOLLOWER, Script("ksad.reporting", "0001_journal"))),
    Step(2, "heads that signers have claimed", (Script("ksad.reporting", "0002_claims"),)),
    Step(3, "nodes of the tree over the journal", (Script("ksad.reporting", "0003_nodes"),)),
    Step(4, "signed copies of sent reports", (Script("ksad.reporting", "0004_signed_copies"),)),
    Step(5, "reports that offices asked to have compiled", (Script("ksad.reporting", "0005_compilations"),)),
    Step(6, "how often a compilation was attempted", (Script("ksad.reporting", "0006_attempts"),)),
    Step(7, "who leads each role", (LEADERS,)),
    Step(8, "how far rebuilds by pieces have come", (Script("ksad.reporting", "0007_pieces"),)),
)
