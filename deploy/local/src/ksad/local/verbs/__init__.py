"""The verbs of the ``ksad`` command, a module for each thing that they are about."""
