"""``python -m ksad.reporting``: the commands of the reporting service."""

from __future__ import annotations

import gc

if __name__ == "__main__":
    gc.disable()  # What is imported stays; ``main`` lets garbage be collected again.

from ksad.chassis.verbs import ServiceProgram, add_doctor, add_refill, main, program
from ksad.reporting.keeping.command import keep_log
from ksad.reporting.migrations import STEPS
from ksad.reporting.settings import ReportingSettings

SERVICE = ServiceProgram("reporting", STEPS, ReportingSettings, "ksad.reporting.app:build")
app = program(SERVICE)
add_doctor(app, SERVICE)
keep_log(app, SERVICE)
add_refill(app, SERVICE)


if __name__ == "__main__":
    main(app, SERVICE.name)
