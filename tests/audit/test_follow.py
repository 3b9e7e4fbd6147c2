"""``ksad-audit follow`` as a province's programmer meets it: what does not fit is told before anything is asked."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ksad.audit.__main__ import app
from ksad.audit.feeds.command import TargetError, read_credentials, token_from
from ksad.audit.feeds.follower import UnreachableError
from ksad.audit.feeds.kept import SqliteKept, alone
from ksad.ledger.log.keys import Validity
from ksad.ledger.log.tree import Frontier
from ksad.local.machine.broker import new_seed
from ksad.reporting.checkpoints.keys import write_public
from ksad.reporting.checkpoints.signing import SigningKey

NOBODY = "http://127.0.0.1:9"
CREDENTIALS = {
    "url": "nats://127.0.0.1:9",
    "nkey_seed": new_seed(),
    "stream": "KSAD_FEEDS",
    "consumer": "prov_33",
    "api_prefix": "JS.hub.API",
    "inbox_prefix": "_INBOX_33",
}
Spoil = Callable[[Path], None]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with all that a province has been handed over, and nothing wrong with it."""
    key = SigningKey.generate("ksad/uji/feed/33")
    write_public(tmp_path / "public.vkeys", {key.verifier: Validity()})
    secret(tmp_path / "token", "abc.def\n")
    secret(tmp_path / "33.json", json.dumps(CREDENTIALS))
    return tmp_path


def secret(file: Path, text: str, mode: int = 0o600) -> None:
    """A file that its owner may read."""
    file.write_text(text)
    file.chmod(mode)


def follow(home: Path, **changed: str | None) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of one round of following; options by name, None to leave one out."""
    options: dict[str, str | None] = {
        "url": NOBODY,
        "token-file": str(home / "token"),
        "key": str(home / "public.vkeys"),
        "into": f"sqlite:{home / 'feed.sqlite'}",
        "credentials": str(home / "33.json"),
    }
    words = [word for name, value in (options | changed).items() if value is not None for word in (f"--{name}", value)]
    done = CliRunner().invoke(app, ["follow", *words, "--once"])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def no_seed(home: Path, text: str) -> None:
    """The credentials have something else for a seed."""
    secret(home / "33.json", json.dumps({**CREDENTIALS, "nkey_seed": text}))


def another_feed(home: Path) -> None:
    """The file to store into has a confirmed head of another log."""
    kept = SqliteKept(home / "feed.sqlite")
    kept.confirm(Frontier.empty(), b"ksad/uji/feed/34\n0\n\n")
    kept.close()


@pytest.mark.parametrize(
    ("spoil", "changed", "said"),
    [
        (lambda home: (home / "token").unlink(), {}, "--token-file {home}/token: No such file"),
        (lambda home: secret(home / "token", " \n"), {}, "one line, the token of feed:NN, and nothing else"),
        (lambda home: secret(home / "token", "a b"), {}, "one line, the token of feed:NN, and nothing else"),
        (lambda home: secret(home / "token", "a\nb"), {}, "one line, the token of feed:NN, and nothing else"),
        (lambda home: secret(home / "token", "abc", 0o644), {}, "others may read or change it: chmod 600 {home}/token"),
        (lambda home: secret(home / "token", "abc", 0o660), {}, "others may read or change it: chmod 600"),
        (lambda home: (home / "token").write_bytes(b"\xff\xfe"), {}, "--token-file {home}/token: it is no text"),
        (lambda home: secret(home / "33.json", "{"), {}, "give the NN.json that the ministry handed over"),
        (lambda home: secret(home / "33.json", "[]"), {}, "--credentials {home}/33.json lacks url, nkey_seed"),
        (
            lambda home: secret(home / "33.json", json.dumps(CREDENTIALS), 0o604),
            {},
            "--credentials {home}/33.json: other",
        ),
        (lambda _: None, {"credentials": "{home}/none.json"}, "--credentials {home}/none.json: No such file"),
        (lambda _: None, {"credentials": None}, "whose feed? Give --province NN, or --credentials NN.json"),
        (lambda _: None, {"province": "34"}, "--province 34: the credentials are those of 33"),
        (lambda _: None, {"credentials": None, "province": "jateng"}, "a province's code has two digits, such as 32"),
        (lambda _: None, {"credentials": None, "province": "34"}, "public.vkeys has no key for the feed of 34"),
        (lambda _: None, {"key": "{home}/none"}, "--key {home}/none"),
        (lambda _: None, {"url": "http://reporting.example"}, "could read the token; give an https:// address"),
        (lambda _: None, {"url": "http://10.0.0.7:80"}, "could read the token; give an https:// address"),
        (lambda _: None, {"url": "reporting.example"}, "give the https:// address of the ministry's reporting service"),
        (lambda _: None, {"into": "sqlite:"}, "--into takes sqlite:PATH or FILE"),
        (lambda _: None, {"into": "{home}/none/feed.jsonl"}, "--into {home}/none/feed.jsonl: No such file"),
        (
            lambda home: (home / "feed.sqlite").write_text("no database" * 100),
            {},
            "file is not a database; name a new fi",
        ),
        (lambda home: (home / "f.state").write_text("{"), {"into": "{home}/f"}, "f.state is not what a follower left"),
        (another_feed, {}, "holds ksad/uji/feed/34: name another file for ksad/uji/feed/33"),
        (lambda _: None, {"credentials": None, "province": "33", "over": "nats"}, "needs the credentials of 33"),
        (lambda _: None, {}, f"{NOBODY}/feeds/33: ConnectError"),
        (lambda _: None, {"over": "nats"}, "nats://127.0.0.1:9 does not answer"),
        (lambda home: no_seed(home, "SU"), {"over": "nats"}, "open no broker (nkeys: invalid seed): get them anew"),
    ],
)
def test_a_slip_is_told(home: Path, spoil: Spoil, changed: dict[str, str | None], said: str) -> None:
    """What does not fit ends with exit code 1 and a line that says what, where, and how to go on; nothing is stored."""
    spoil(home)
    code, out, err = follow(home, **{name: value and value.format(home=home) for name, value in changed.items()})

    assert (code, out) == (1, "")
    assert said.format(home=home) in err
    assert all(line.startswith("ksad-audit: ") for line in err.splitlines())
    assert "abc.def" not in err
    assert not (home / "none").exists()


def test_a_renewed_token_is_taken_up(home: Path) -> None:
    """The file is read for each request: a new token counts at once; one that is being replaced is waited for."""
    token = token_from(home / "token")
    assert token() == "abc.def"
    secret(home / "token", "new.token")
    assert token() == "new.token"
    (home / "token").unlink()
    with pytest.raises(UnreachableError, match="No such file"):
        token()


@pytest.mark.fault("bug-reports 33")
def test_a_byte_order_mark_is_no_part_of_a_secret(home: Path) -> None:
    """A token and credentials that an editor has saved, with its mark and line ends, are those that were given."""
    secret(home / "token", "\ufeffabc.def\r\n")
    secret(home / "33.json", "\ufeff" + json.dumps(CREDENTIALS, indent=1).replace("\n", "\r\n"))
    assert token_from(home / "token")() == "abc.def"
    assert read_credentials(home / "33.json") == CREDENTIALS


def test_a_token_has_to_be_there_at_the_start(home: Path) -> None:
    """A file that lacks from the beginning is a slip, for which nobody waits."""
    with pytest.raises(TargetError, match="No such file"):
        token_from(home / "none")


def test_secrets_are_in_no_message(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever is wrong with the files, neither the token nor the seed is repeated."""
    spoiled: dict[str, Any] = {**CREDENTIALS, "consumer": 7}
    secret(home / "33.json", json.dumps(spoiled | {"nkey_seed": "SUHIDDEN"}))
    _, out, err = follow(home)
    assert "SUHIDDEN" not in out + err + "".join(capsys.readouterr())


def keys(home: Path, *names: str) -> None:
    """The key file has keys of these names, in this order."""
    write_public(home / "public.vkeys", {SigningKey.generate(name).verifier: Validity() for name in names})


@pytest.mark.fault(
    "bug-reports 20",
    kind="A key is chosen by a part of its name, or by its place in a file.",
    looked="Following a feed with our command and with both examples of docs/subscribing.md; the keys of verify,"
    " restore and prove-report, which go by the exact origin; the platform's own signer.",
    found="The example in Node.js did not know the feed of a restored log at all, and both took the first key that"
    " looked like their own.",
)
@pytest.mark.parametrize(
    ("names", "changed", "said"),
    [
        (["ksad/uji/feed/33", "ksad/latihan/feed/33"], {}, "say with --origin which one is followed"),
        (["ksad/uji/feed/33", "ksad/uji/feed/33/2"], {}, "keys of several logs (ksad/uji/feed/33, ksad/uji/feed/33/2)"),
        (["ksad/uji/feed/33", "ksad/latihan/feed/33"], {"origin": "ksad/x/feed/33"}, "no key for ksad/x/feed/33"),
        (["ksad/uji/feed/331"], {}, "no key for the feed of 33"),
        (["ksad/uji/feed/33/x"], {}, "no key for the feed of 33"),
        (["ksad/uji/feed/33", "ksad/latihan/feed/33"], {"origin": "ksad/uji/feed/33"}, "127.0.0.1:9"),
        (["ksad/latihan/feed/34", "ksad/uji/feed/33"], {}, "127.0.0.1:9"),
    ],
)
def test_a_key_is_that_of_one_log(home: Path, names: list[str], changed: dict[str, str | None], said: str) -> None:
    """Of the keys in a file that of the feed's exact origin counts; between several nothing is guessed."""
    keys(home, *names)
    code, _, told = follow(home, **changed)
    assert code == 1
    assert said in " ".join(told.split())


def test_what_was_followed_decides_between_keys(home: Path) -> None:
    """A file that holds one feed goes on with the key of its own origin."""
    keys(home, "ksad/latihan/feed/33", "ksad/uji/feed/33")
    kept = SqliteKept(home / "feed.sqlite")
    kept.confirm(Frontier.empty(), b"ksad/uji/feed/33\n0\n\n")
    kept.close()
    _, _, told = follow(home)
    assert "127.0.0.1:9" in told


@pytest.mark.parametrize("into", ["sqlite:{home}/feed.sqlite", "{home}/feed.jsonl"])
def test_two_followers_have_a_file_each(home: Path, into: str) -> None:
    """While one follows into a file no other does, and once it has ended the next one may."""
    destination = into.format(home=home)
    with alone(Path(destination.removeprefix("sqlite:"))):
        code, _, told = follow(home, into=destination)
        assert (code, "another process follows into" in " ".join(told.split())) == (1, True)
    assert "127.0.0.1:9" in follow(home, into=destination)[2]
