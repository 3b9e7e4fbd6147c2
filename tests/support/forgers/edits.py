"""What forgers put into the data of an archive beside leaves."""

from collections.abc import Callable
from pathlib import Path

Edit = Callable[[Path], None]


def add(name: str, content: bytes = b"x") -> Edit:
    """Puts one more file into the data."""

    def edit(data: Path) -> None:
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_bytes(content)

    return edit


def append(name: str, content: bytes) -> Edit:
    """Puts something behind a file of the data."""
    return lambda data: add(name, (data / name).read_bytes() + content)(data)


def prepend(name: str, content: bytes) -> Edit:
    """Puts something before what a file of the data has."""
    return lambda data: add(name, content + (data / name).read_bytes())(data)
