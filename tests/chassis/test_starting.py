"""What a program imports is not looked through for garbage, neither while it is imported nor afterwards."""

import subprocess
import sys

PROGRAM = """
import gc
from ksad.chassis.starting import imported, importing
gc.set_threshold(1)
with importing():
    looked = gc.get_stats()[0]["collections"]
    made = [[] for _ in range(100)]
    assert gc.get_stats()[0]["collections"] == looked and not gc.isenabled()
imported()
assert gc.isenabled()
assert not any(one is made for one in gc.get_objects())
made = [[] for _ in range(100)]
assert gc.get_stats()[0]["collections"] > looked
"""


def test_what_a_program_imports_is_left_alone_by_the_collector() -> None:
    """While modules are imported no garbage is collected, and afterwards none of them is looked at again."""
    subprocess.run([sys.executable, "-c", PROGRAM], check=True)
