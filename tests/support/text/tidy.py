"""Properties of the text of the code: sizes, names, leftovers, addresses and unexplained suppressions.

Each check takes text and returns what is wrong with it, one sentence per finding, so that it can be shown failing.
"""

import ast
import re

LINES_MAX = 300
LINES_NEVER = 400
FUNCTION_LINES_MAX = 70
NAMES_REFUSED = {"common", "shared", "core", "base", "lib", "utils", "helpers", "misc"}
PHRASES_REFUSED = {
    r"\b(TODO|FIXME|XXX|HACK)\b": "finish it or leave it out",
    r"\bremove before merge\b": "remove it now",
    r"\bassert_called\w*": "assert what happened, not what was called",
    r"(?i)\b(for now|quick fix|temporary hack)\b": "build it to stay",
    r"(?i)^\s*(#|//)\s*-{4,}|^\s*(#|//)\s*={4,}": "a banner: split the file instead",
}
MACHINE_PLACES = {
    r"(?<![\w./-])/(root|home|Users|work|opt|mnt)/\w": "a path of one machine",
    r"(?i)https?://[^\s\"']*(pypi|pythonhosted|npmjs|artifactory|nexus|goproxy)": "a registry's address",
}
SUPPRESSION = re.compile(r"#\s*(noqa|type:\s*ignore|pragma|nosec)\b(?P<rest>.*)")
EXPLAINED = re.compile(r"^(:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*|\[[\w, -]+\])\s+([-#–]\s*)?\w+.*\w")


def size(lines: int, allowed: int | None) -> list[str]:
    """A file has at most 300 lines; one on the frozen list at most the number that stands there, and never over 400."""
    if allowed is None:
        return [f"{lines} lines, more than {LINES_MAX}: split it by noun"] if lines > LINES_MAX else []
    if lines > min(allowed, LINES_NEVER):
        return [f"{lines} lines, more than the {min(allowed, LINES_NEVER)} that it is frozen at"]
    return [f"{lines} lines: take it off the frozen list"] if lines <= LINES_MAX else []


def long_functions(source: str) -> list[str]:
    """A function, with its docstring, has at most 70 lines."""
    functions = (
        node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return [
        f"{node.name} at line {node.lineno} has {length} lines, more than {FUNCTION_LINES_MAX}"
        for node in functions
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES_MAX
    ]


def drawer(parts: tuple[str, ...]) -> list[str]:
    """No file or folder is named after the fact that its author did not know what it holds."""
    stems = [part.partition(".")[0] for part in parts]
    return [f"{stem}: name it after what it holds" for stem in stems if stem in NAMES_REFUSED]


def leftovers(text: str) -> list[str]:
    """Nothing says that it is unfinished, asserts on mocks, or draws a banner."""
    return _found(text, PHRASES_REFUSED)


def machine_places(text: str) -> list[str]:
    """No text names a folder of one machine or the address of a package registry."""
    return _found(text, MACHINE_PLACES)


def silent_suppressions(source: str) -> list[str]:
    """A suppression names its code and then its reason."""
    found = []
    for number, line in enumerate(source.splitlines(), start=1):
        match = SUPPRESSION.search(line)
        if match and not EXPLAINED.match(match["rest"]):
            found.append(f"line {number}: a suppression without code and reason")
    return found


def _found(text: str, patterns: dict[str, str]) -> list[str]:
    present = {pattern: advice for pattern, advice in patterns.items() if re.search(pattern, text, re.MULTILINE)}
    return [
        f"line {number}: {match[0].strip()!r}: {advice}"
        for number, line in enumerate(text.splitlines(), start=1)
        for pattern, advice in present.items()
        if (match := re.search(pattern, line))
    ]
