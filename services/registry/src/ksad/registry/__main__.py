"""``python -m ksad.registry``: the commands of the registry service."""

from __future__ import annotations

import gc

if __name__ == "__main__":
    gc.disable()  # What is imported stays; ``main`` lets garbage be collected again.

from ksad.chassis.verbs import ServiceProgram, add_doctor, add_refill, add_restore, main, program
from ksad.registry.migrations import STEPS
from ksad.registry.settings import RegistrySettings

SERVICE = ServiceProgram("registry", STEPS, RegistrySettings, "ksad.registry.app:build")
app = program(SERVICE)
add_doctor(app, SERVICE)
add_refill(app, SERVICE)
add_restore(app, SERVICE)


if __name__ == "__main__":
    main(app, SERVICE.name)
