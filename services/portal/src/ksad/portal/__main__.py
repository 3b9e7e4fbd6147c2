"""``python -m ksad.portal``: the commands of the portal."""

from __future__ import annotations

import gc

if __name__ == "__main__":
    gc.disable()  # What is imported stays; ``main`` lets garbage be collected again.

from ksad.chassis.verbs import ServiceProgram, main, program
from ksad.portal.migrations import STEPS
from ksad.portal.settings import PortalSettings

SERVICE = ServiceProgram("portal", STEPS, PortalSettings, "ksad.portal.app:build")
app = program(SERVICE)


if __name__ == "__main__":
    main(app, SERVICE.name)
