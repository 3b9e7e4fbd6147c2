"""Forms of acts: shown, read, sent to the service that decides, and shown again with what it said.

Nothing here knows an act: what is asked comes from the service's description and the act's card. The pages of
cooperations and tasks say for what, and with which options.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from fastapi.responses import RedirectResponse
from starlette.datastructures import UploadFile

from ksad.chassis.problems import Problem
from ksad.chassis.transfer import NAME_MAX
from ksad.contracts.free_text import CONFIRMED, CONFIRMS
from ksad.contracts.rules import RefusalKind
from ksad.portal.drafts import DRAFT
from ksad.portal.foreseeing import TRIAL, forecast
from ksad.portal.form_keys import KEY
from ksad.portal.forms.questions import at, placed, places, questions
from ksad.portal.forms.reading import KEPT, PLACES, read
from ksad.portal.languages import SaidRefusal, fault_said, noted, refusal_said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastapi import Response
    from starlette.datastructures import FormData

    from ksad.portal.drafts import Draft
    from ksad.portal.foreseeing import Forecast
    from ksad.portal.forms.cards import ActCard
    from ksad.portal.forms.questions import Options, Question
    from ksad.portal.visits import Visit

FIELDS = "fields"
PROPOSAL = "proposal"
RECEIVERS = "allotted.to"
"""The options of what a good can be allotted to."""
PERSONAL = "looks-personal"
CHECK = noted("Periksa isian yang ditandai.")
NOT_ALLOWED = noted("Jabatan Anda tidak berwenang untuk tindakan ini.")
NO_NAMES = noted(
    "Teks tampak memuat data orang, yang akan tersimpan selamanya. Sebut jabatannya saja, atau nyatakan di bawah bahwa "
    "teks itu memang harus demikian."
)
AGAIN = noted("Layanan belum menjawab. Kirim lagi dengan tombol yang sama; tidak akan tercatat dua kali.")
SAME_TITLE = noted(
    "Sudah ada kerja sama dengan judul ini dalam register. Periksa dahulu apakah itu kerja sama yang sama; jika bukan, "
    "bedakan judulnya."
)
TOLD = {CONFIRMED: NO_NAMES, "key-unique": SAME_TITLE}
"""What is said instead where the service speaks of what a form does not ask for."""
UNSURE = {RefusalKind.UNAVAILABLE, RefusalKind.FAULT, RefusalKind.TOO_MANY}
"""Refusals after which something may have been recorded: the form keeps its key."""


class FormSubject(NamedTuple):
    """For what an act is recorded: its command's address, the values that the page knows, and where to go on."""

    act: ActCard
    path: str
    options: Mapping[str, Options]
    back: tuple[str, str]
    """The address of the page before, and its title."""
    given: Mapping[str, str]
    duty: str | None = None
    about: str | None = None
    further: tuple[Question, ...] = ()
    """What is asked beyond the card: the fields of the entry that is corrected."""
    standing: Mapping[str, Any] = {}
    """What those fields say now; what was left as it stands is not sent."""
    opened: Mapping[str, list[str]] = {}
    """What the form holds when it is opened and there is no draft of it."""


def show(visit: Visit, occasion: FormSubject) -> Response:
    """The form, with what the page knows and what the office has kept as a draft."""
    draft = visit.parts.drafts.find(visit.office, _address(visit, occasion))
    given = dict(draft.given if draft else occasion.opened) | {name: [value] for name, value in occasion.given.items()}
    return _page(visit, occasion, _questions(visit, occasion), given, draft=draft)


def send(visit: Visit, occasion: FormSubject, form: FormData, after: Callable[[dict[str, object]], str]) -> Response:
    """Records what was sent, once however often it is sent, and leads on; or shows the form with what is wrong.

    Who asks to try it first is shown the form with what it would bring about, and nothing is recorded.

    :param after: the address to go on at, from the service's answer.
    :raises Problem: 403, the form's key is not of this session; 401, nobody is signed in.
    """
    key = visit.check_key(str(form.get(KEY, "")))
    found = _questions(visit, occasion)
    given = {name: [str(one) for one in form.getlist(name) if isinstance(one, str)] for name in form}
    faults = _upload(visit, occasion.act.service, found, form, given)
    address = _address(visit, occasion)
    if form.get(DRAFT) and not faults:
        kept = {name: values for name, values in given.items() if name not in {KEY, DRAFT, TRIAL, CONFIRMS}}
        title = " · ".join([visit.language.gettext(occasion.act.title), *([occasion.about] if occasion.about else [])])
        visit.parts.drafts.save(visit.office, address, title, kept)
        return RedirectResponse(address, 303)
    sent = read(found, given)
    faults |= sent.faults
    if faults:
        return _page(visit, occasion, found, given, faults=faults)
    body = _changed(sent.body, occasion) | ({CONFIRMS: [PERSONAL]} if given.get(CONFIRMS) else {})
    try:
        if form.get(TRIAL):
            foreseen = tried(visit, occasion.act.service, occasion.path, key, body)
            return _page(visit, occasion, found, given, foreseen=foreseen)
        answer = visit.record(occasion.act.service, occasion.path, key, body)
    except Problem as problem:
        if problem.kind is RefusalKind.UNIDENTIFIED:
            raise
        return _page(visit, occasion, found, given, problem=problem)
    visit.parts.drafts.forget(visit.office, address)
    return RedirectResponse(after(answer), 303)


def tried(visit: Visit, service: str, path: str, key: str, body: dict[str, Any]) -> Forecast:
    """What a command of this officer would bring about, in sentences; nothing is recorded.

    :raises Problem: the service refused, as it would refuse the command, or does not answer.
    """
    answer = visit.parts.gateway.foresee(service, path, visit.credential, key, body)
    return forecast(visit.names, visit.office, answer)


def _changed(body: dict[str, Any], occasion: FormSubject) -> dict[str, Any]:
    """The body with those fields of a corrected entry that say something else than what stands."""
    if not occasion.further:
        return body
    fields = {name: value for name, value in body[FIELDS].items() if value != occasion.standing.get(name)}
    return body | {FIELDS: fields}


def _address(visit: Visit, occasion: FormSubject) -> str:
    """The address of a form, with the proposal that it is about: there is one draft for each."""
    proposal = occasion.given.get(PROPOSAL)
    return visit.request.url.path + (f"?usulan={proposal}" if proposal else "")


def _questions(visit: Visit, occasion: FormSubject) -> tuple[Question, ...]:
    description = visit.parts.gateway.description(occasion.act.service)
    return questions(occasion.act, description, occasion.options, occasion.duty) + occasion.further


def _upload(
    visit: Visit, service: str, found: tuple[Question, ...], form: FormData, given: dict[str, list[str]]
) -> dict[str, str]:
    """Uploads the files of a form; each stays chosen, by its reference, while the rest is mended."""
    faults = {}
    for one in placed(found):
        if one.kind not in {"file", "files"}:
            continue
        kept = given.setdefault(f"{one.name}.{KEPT}", [])
        for file in form.getlist(one.name):
            if not isinstance(file, UploadFile) or not file.filename:
                continue
            try:
                said = file.content_type or "application/octet-stream"
                reference = visit.upload(service, file.file.read(), said, file.filename[-NAME_MAX:])
            except Problem as problem:
                if problem.kind is RefusalKind.UNIDENTIFIED:
                    raise
                faults[one.name] = refusal_said(problem.rule, problem.detail, visit.language)
                continue
            if one.kind == "file":
                kept.clear()
            kept.append(orjson.dumps(reference).decode())
    return faults


def _page(
    visit: Visit,
    occasion: FormSubject,
    found: tuple[Question, ...],
    given: Mapping[str, list[str]],
    *,
    faults: Mapping[str, str] | None = None,
    problem: Problem | None = None,
    draft: Draft | None = None,
    foreseen: Forecast | None = None,
) -> Response:
    named = {one.name: one for one in placed(found)}
    wrong = dict(faults or {})
    if problem is not None:
        errors = problem.facts.get("errors")
        listed = [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
        wrong |= {_nearest(str(one["field"]), named): fault_said(one, visit.language) for one in listed}
        wrong.pop("", None)
    unsure = problem is not None and problem.kind in UNSURE
    path = visit.request.url.path
    return visit.page(
        "act.html",
        problem.status if problem is not None else 422 if faults else 200,
        act=occasion.act,
        about=occasion.about,
        back=occasion.back,
        found=found,
        given=given,
        wrong=wrong,
        summary=[(_anchor(name, named), named[_nearest(name, named)], said) for name, said in wrong.items()],
        refusal=_refusal(visit, problem),
        refused=problem,
        personal=problem is not None and problem.rule == CONFIRMED,
        # What was only tried has used no key up.
        key=(given.get(KEY) or [""])[0] if unsure or foreseen else visit.form_key(path),
        key_name=KEY,
        saved=None if draft is None else visit.moment(draft.saved),
        draft_name=DRAFT,
        trial_name=TRIAL,
        foreseen=foreseen,
        confirms=CONFIRMS,
        kept=KEPT,
        region_places=range(PLACES),
        receivers=occasion.options.get(RECEIVERS, ()),
        places=places,
        at=at,
    )


def _refusal(visit: Visit, problem: Problem | None) -> SaidRefusal | None:
    """What is said of a refusal; who is not allowed is told so without the names that programs use."""
    if problem is None:
        return None
    if problem.kind is RefusalKind.FORBIDDEN and "action" in problem.facts:
        return SaidRefusal(visit.language.gettext(NOT_ALLOWED))
    if problem.rule in TOLD:
        return SaidRefusal(visit.language.gettext(TOLD[problem.rule]))
    if problem.kind in UNSURE:
        return SaidRefusal(visit.language.gettext(AGAIN))
    if problem.rule == "request-valid":
        return SaidRefusal(visit.language.gettext(CHECK))
    return SaidRefusal(problem.detail, problem.rule)


def _nearest(field: str, named: Mapping[str, Question]) -> str:
    """The question that a fault of the service is about; nothing where the form does not ask for it."""
    while field and field not in named:
        field = field.rpartition(".")[0]
    return field


def _anchor(name: str, named: Mapping[str, Question]) -> str:
    """The id of the input that a summary leads to."""
    kind = named[name].kind if name in named else "text"
    return f"f-{name.replace('.', '-')}" + {"date": "-d", "day": "-d", "names": "-0"}.get(kind, "")
