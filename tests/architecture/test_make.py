"""The Makefile does for a contributor what CONTRIBUTING.md says of it."""

import subprocess

from tests.support.text.source import ROOT


def make(*words: str) -> subprocess.CompletedProcess[str]:
    """Run make at the root."""
    return subprocess.run(
        ["make", "--no-print-directory", *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=100
    )


def test_one_file_is_tested() -> None:
    """`make test T=PATH` runs the tests of a path and no others, and fails where there are none."""
    place = "tests/contracts/test_dates.py"
    done = make("test", f"T={place}::test_what_is_no_date_is_refused")
    assert done.returncode == 0, done.stdout
    assert make("test", f"T={place}::test_nothing").returncode != 0


def test_the_fast_tests_need_no_server() -> None:
    """`make test-fast` names folders that exist, and leaves out every test that asks for a database or a broker."""
    told = make("--dry-run", "test-fast").stdout
    assert '"not served and not torture"' in told
    folders = [word for word in told.split() if word.startswith("tests/")]
    assert len(folders) == 4
    assert all((ROOT / folder).is_dir() for folder in folders)
