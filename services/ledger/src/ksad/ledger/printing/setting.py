"""Typst sets a print from its form, here or in a process of its own, which imports nothing but Typst."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Literal

import typst

STANDARDS: list[Literal["a-2a", "ua-1"]] = ["a-2a", "ua-1"]
_APART_SECONDS = 120


class PrintForm(StrEnum):
    """What is printed, each by a form of its own."""

    REPORT = "report"
    CASE = "case"
    LIST = "listing"


class FormError(RuntimeError):
    """Typst cannot set this report, or warns of it: the page would then not look as it was checked."""


@cache
def _form(name: PrintForm) -> bytes:
    here = Path(__file__)
    return here.with_name("parts.typ").read_bytes() + here.with_name(f"{name.value}.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)


def set_pdf(report: bytes, dated: datetime, form: PrintForm = PrintForm.REPORT) -> bytes:
    """Sets what the form is filled with as PDF/A-2a and PDF/UA-1.

    :param report: what the form reads, as JSON.
    :param dated: the moment that the file says it was made at.
    :raises FormError: Typst refuses the form or warns of it.
    """
    compiler = typst.Compiler(
        _form(form),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"report": report.decode()},
    )
    try:
        made, warnings = compiler.compile_with_warnings(format="pdf", pdf_standards=[*STANDARDS], timestamp=dated)
    except typst.TypstError as error:
        raise FormError(error.diagnostic or error.message) from error
    if warnings or not isinstance(made, bytes):
        raise FormError("; ".join(warning.message for warning in warnings) or "no single file")
    return made


def set_apart(report: bytes, dated: datetime, form: PrintForm = PrintForm.REPORT) -> bytes:
    """As :func:`set_pdf`, in a process of its own: Typst keeps what it has set, and never gives that memory back.

    :raises FormError: the process failed, or took longer than two minutes.
    """
    # -I: neither the working directory nor the environment decides which modules are imported.
    command = [sys.executable, "-I", "-m", "ksad.ledger.printing", form.value]
    raw = dated.isoformat().encode() + b"\n" + report
    try:
        done = subprocess.run(command, input=raw, capture_output=True, check=True, timeout=_APART_SECONDS)  # noqa: S603 - our own module
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        told = (error.stderr or b"").decode(errors="replace").strip().rpartition("\n")[2]
        raise FormError(told or str(error)) from error
    return done.stdout
