"""One request of an officer: the session, the language, and what the services answer to this officer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.routing import Match

from ksad.chassis.problems import Problem
from ksad.chassis.transfer import SANDBOX
from ksad.contracts.dates import JAKARTA
from ksad.contracts.positions import Position
from ksad.portal.drafts import DRAFT
from ksad.portal.foreseeing import TRIAL
from ksad.portal.form_keys import KEY, form_key, number_of
from ksad.portal.identity.exchange import ALIVE, over
from ksad.portal.languages import INDONESIAN, language, noted
from ksad.portal.live import LIVE
from ksad.portal.naming import ROLES
from ksad.portal.offers import menu
from ksad.portal.rendering import page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ksad.contracts.access import Role
    from ksad.portal.identity.credentials import Credential
    from ksad.portal.languages import Language
    from ksad.portal.naming import Names
    from ksad.portal.parts import Parts
    from ksad.portal.sessions import OfficerSession

FILES_MAX, FIELDS_MAX = 20, 1_000
UNSENT = noted("Formulir yang belum terkirim")
LANGUAGE_COOKIE = "bahasa"
CHANGES = "/perubahan"
UNATTENDED = "Ksad-Unattended"
"""The header of a page that its script fetches again by itself: nobody sits there because of it."""
SESSION, LOGIN = "ksad", "ksad-masuk"
"""The cookies of a session, and of a sign-in that has begun."""


def cookie_name(plain: str, *, tls: bool) -> str:
    """The name of a cookie; under HTTPS browsers take it from this host only."""
    return f"__Host-{plain}" if tls else plain


def set_cookie(visit: Visit, answer: Response, cookie: str, value: str, seconds: int | None = None) -> None:
    """Gives the browser a cookie that scripts cannot read; without ``seconds`` it lasts as long as the browser runs."""
    tls = visit.parts.settings.tls
    name = cookie_name(cookie, tls=tls)
    answer.set_cookie(name, value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=tls)


def drop_cookie(visit: Visit, answer: Response, cookie: str) -> None:
    """Takes a cookie from the browser."""
    tls = visit.parts.settings.tls
    answer.delete_cookie(cookie_name(cookie, tls=tls), path="/", secure=tls, httponly=True, samesite="lax")


def language_of(request: Request) -> Language:
    """The language that the browser was told to use."""
    return language(request.cookies.get(LANGUAGE_COOKIE, INDONESIAN))


class Visit:
    """What a route needs to answer one request."""

    def __init__(self, request: Request, session: OfficerSession | None) -> None:
        self.request = request
        self.parts: Parts = request.app.parts
        self.language = language_of(request)
        self._session = session
        self.following = False
        """Whether a service has not read yet what this officer recorded last; the page then says so."""

    @property
    def signed_in(self) -> bool:
        """Whether an officer is known, and acts under one office."""
        return self._session is not None and bool(self._session.office)

    @property
    def held(self) -> Mapping[str, Role]:
        """The offices that the officer holds, with the role in each; none where anybody may choose any."""
        return {} if self._session is None else self._session.offices

    @property
    def begun(self) -> OfficerSession | None:
        """The session, also while none of several offices was chosen."""
        return self._session

    @property
    def session(self) -> OfficerSession:
        """The officer's session.

        :raises Problem: 401, there is none, or no office was chosen.
        """
        if self._session is None or not self._session.office:
            raise over()
        return self._session

    @property
    def office(self) -> str:
        """The officer's office."""
        return self.session.office

    @cached_property
    def credential(self) -> Credential:
        """With what the services are asked for this officer.

        :raises Problem: 401, the session is over; 503, the provider has to renew it, and does not answer.
        """
        if self.parts.credentials is None:
            raise over()
        return self.parts.credentials.of(self.session)

    @cached_property
    def names(self) -> Names:
        """The names that hold today."""
        return self.parts.lookups.names(self.credential, self.language)

    def read(self, service: str, path: str, /, **query: object) -> Any:  # noqa: ANN401 - JSON
        """Reads JSON as this officer, with what the officer recorded in the last minute if the service has it by now.

        :raises Problem: the service refused, or does not answer.
        """
        after = None if self.following else self.session.after(self.parts.sessions.now())
        try:
            return self.parts.gateway.read(service, path, self.credential, after, **query)
        except Problem as problem:
            if problem.rule != "reading-current":
                raise
            self.following = True
            return self.parts.gateway.read(service, path, self.credential, **query)

    def record(self, service: str, path: str, key: str, body: dict[str, Any]) -> dict[str, Any]:
        """Sends a command as this officer; the pages that follow include it.

        :param key: the key of the form, which was checked.
        :raises Problem: the service refused, or does not answer.
        """
        done = self.parts.gateway.record(service, path, self.credential, key, body)
        if done.position is not None:
            self.parts.sessions.note(self.session, Position.parse(done.position))
        return done.answer

    def form_key(self, path: str) -> str:
        """A new key for a form."""
        return form_key(self.session, path)

    def check_key(self, key: str) -> str:
        """The idempotency key in the key of a form that was sent to this address.

        :raises Problem: 403, the key is not of this session or this form.
        """
        return number_of(self.session, self.request.url.path, key)

    def upload(self, service: str, content: bytes, media_type: str, name: str) -> dict[str, Any]:
        """Uploads a document as this officer; returns how facts name it.

        :param name: the name of its file.
        :raises Problem: the service refused, or does not answer.
        """
        return self.parts.gateway.upload(service, self.credential, content, media_type, name)

    def moment(self, seconds: float) -> str:
        """A moment of the machine's clock as people write it, in Jakarta: ``3 November 2026 pukul 16.42``."""
        moment = datetime.fromtimestamp(seconds, JAKARTA)
        day, hour = self.language.day(moment.date()), f"{moment:%H.%M}"
        return self.language.gettext("%(day)s pukul %(time)s") % {"day": day, "time": hour}

    def page(self, template: str, status: int = 200, **model: object) -> Response:
        """A page in the frame of this officer."""
        now = self.parts.clock.now().astimezone(JAKARTA)
        frame = {
            "names": self.names if self.signed_in else None,
            "office": self.office if self.signed_in else None,
            "acts_as": ROLES[self.held[self.office]] if self.signed_in and self.office in self.held else None,
            "changeable": self.parts.settings.development or len(self.held) > 1,
            "path": self.request.url.path,
            "here": self.request.url.path + (f"?{self.request.url.query}" if self.request.url.query else ""),
            "training": self.parts.lookups.training,
            "following": self.following,
            "live": getattr(self.request.scope.get("route"), "path", None) in LIVE,
            "menu": menu(self.office) if self.signed_in else [],
            "clock": (self.language.day(now.date(), "EEEE, d MMMM y"), f"{now:%H.%M}"),
        }
        return page(template, self.language, status, **frame, **model)


def download_of(visit: Visit, service: str, path: str) -> Response:
    """A document of a service, with the headers by which browsers neither run nor display it.

    :raises Problem: the service refused, or does not answer.
    """
    found = visit.parts.gateway.file(service, path, visit.credential)
    kept = ("content-type", "content-disposition")
    headers = {name: found.headers[name] for name in kept if name in found.headers}
    return Response(found.content, headers=headers | {"Content-Security-Policy": SANDBOX})


def file_names(visit: Visit, service: str, path: str) -> dict[str, str]:
    """How documents of a cooperation or a task are called, by SHA-256: by title, or else by the name of the file.

    :param path: of the cooperation or task.
    :raises Problem: the service refused, or does not answer.
    """
    items = visit.read(service, f"{path}/documents")["items"]
    return {one["sha256"]: one["title"] or one["name"] or "" for one in items}


def _session(request: Request) -> OfficerSession | None:
    parts: Parts = request.app.parts
    name = request.cookies.get(cookie_name(SESSION, tls=parts.settings.tls))
    return None if name is None else parts.sessions.find(name, attended=not _asks_by_itself(request))


def _asks_by_itself(request: Request) -> bool:
    return UNATTENDED in request.headers or request.url.path.startswith(CHANGES)


def anyone(request: Request) -> Visit:
    """A FastAPI dependency: the visit of whoever asks, signed in or not."""
    return Visit(request, _session(request))


async def officer(visit: Annotated[Visit, Depends(anyone)]) -> Visit:
    """A FastAPI dependency: the visit of an officer.

    A form that is sent when the session has ended by itself is kept as a draft of its office.

    :raises Problem: 401, nobody is signed in.
    """
    try:
        _ = visit.session
    except Problem:
        if visit.request.method == "POST":
            await _keep_typed(visit)
        raise
    return visit


async def _keep_typed(visit: Visit) -> None:
    """Keeps the texts of a form as a draft of the office whose session has lapsed, where the form can be opened again.

    Files are not kept. ``request.state.kept`` says that something was.
    """
    request = visit.request
    if all(route.matches({**request.scope, "method": "GET"})[0] is not Match.FULL for route in request.app.routes):
        return
    name = request.cookies.get(cookie_name(SESSION, tls=visit.parts.settings.tls))
    lapsed = None if name is None else await run_in_threadpool(visit.parts.sessions.lapsed, name)
    if lapsed is None or not lapsed.office:
        return
    async with request.form(max_files=FILES_MAX, max_fields=FIELDS_MAX) as form:
        given = {name: [one for one in form.getlist(name) if isinstance(one, str)] for name in form}
    try:
        number_of(lapsed, request.url.path, "".join(given.pop(KEY, [])))
    except Problem:
        return
    for button in (DRAFT, TRIAL):
        given.pop(button, None)
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    title = visit.language.gettext(UNSENT)
    await run_in_threadpool(visit.parts.drafts.save, lapsed.office, here, title, given)
    request.state.kept = True


async def posted(request: Request) -> AsyncIterator[FormData]:
    """A FastAPI dependency: the fields of a form; files that came with it are closed when the answer is made."""
    async with request.form(max_files=FILES_MAX, max_fields=FIELDS_MAX) as form:
        yield form


def respond(problem: Problem, request: Request) -> Response:
    """Answers a refusal with a page: the way to sign in, or the rule's sentence, its clause and what to do."""
    tongue = language_of(request)
    kept = getattr(request.state, "kept", None)
    if problem.rule == ALIVE and (kept or request.method in {"GET", "HEAD"}):
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/masuk?kembali={quote(back)}", 303)
    told = {"problem": problem, "path": request.url.path, "training": request.app.parts.lookups.training}
    answer = page("problem.html", tongue, problem.status, **told)
    answer.headers.update(problem.headers)
    return answer


Anyone = Annotated[Visit, Depends(anyone)]
Officer = Annotated[Visit, Depends(officer)]
Posted = Annotated[FormData, Depends(posted)]
