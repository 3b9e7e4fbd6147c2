"""Coming back from the identity provider, going on under another office, and signing out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from fastapi import Depends, Query, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.contracts.rules import RefusalKind
from ksad.portal.guarding import HOME, inside, sent_from_here
from ksad.portal.identity.exchange import CALLBACK, not_signed_in
from ksad.portal.pages.choosing import choosing
from ksad.portal.visits import LOGIN, SESSION, Anyone, Officer, Posted, cookie_name, drop_cookie, set_cookie

if TYPE_CHECKING:
    from ksad.portal.visits import Visit


class ProviderAnswer(BaseModel):
    """What an identity provider sends along when it sends a browser back; what some add beside it is not used."""

    code: Annotated[str | None, Field(max_length=4_000)] = None
    state: Annotated[str | None, Field(max_length=200)] = None
    iss: Annotated[str | None, Field(max_length=2_000)] = None
    error: Annotated[str | None, Field(max_length=200)] = None
    error_description: Annotated[str | None, Field(max_length=2_000)] = None
    session_state: Annotated[str | None, Field(max_length=2_000)] = None
    scope: Annotated[str | None, Field(max_length=2_000)] = None


def router() -> Router:
    """The routes of identity."""
    routes = Router()
    changing = [Depends(sent_from_here)]

    @routes.get(CALLBACK, response_class=Response)
    def finish_sign_in(visit: Anyone, answered: Annotated[ProviderAnswer, Query()]) -> Response:
        """What the identity provider answered: begins a session, and leads on to where the officer was.

        403 where this browser began no such sign-in, 503 while the provider does not answer.
        """
        browser = visit.request.cookies.get(cookie_name(LOGIN, tls=visit.parts.settings.tls))
        identity = visit.parts.identity
        found = identity.logins.take(answered.state, browser) if identity and answered.state and browser else None
        if identity is None or found is None or answered.code is None:
            raise not_signed_in()
        begun, back = found
        tokens, holder = identity.provider.finish(answered.code, answered.iss, begun)
        if visit.begun is not None:
            visit.parts.sessions.close(visit.begun)
        only = next(iter(holder.offices)) if len(holder.offices) == 1 else ""
        name = visit.parts.sessions.begin(only, holder.offices, identity.vault.sealed(tokens))
        answer = RedirectResponse(back if only else f"/masuk?kembali={quote(back)}", 303)
        set_cookie(visit, answer, SESSION, name)
        drop_cookie(visit, answer, LOGIN)
        return answer

    @routes.post("/keluar", response_class=Response, dependencies=changing)
    def sign_out(visit: Anyone) -> Response:
        """Ends the session, here and at the identity provider."""
        return _ended(visit)

    @routes.get("/ganti-jabatan", response_class=Response)
    def get_offices(visit: Officer, kembali: Annotated[str, Query(max_length=2_000)] = HOME) -> Response:
        """The offices that the officer holds."""
        return choosing(visit, kembali)

    @routes.post("/ganti-jabatan", response_class=Response, dependencies=changing)
    def change_office(visit: Anyone, form: Posted) -> Response:
        """Goes on under another office that the officer holds; in development ends the session. 403 for any other."""
        if visit.begun is None or not visit.held:
            return _ended(visit)
        said = str(form.get("jabatan", ""))
        if not said:
            return RedirectResponse("/ganti-jabatan", 303)
        if said not in visit.held:
            raise Problem(RefusalKind.FORBIDDEN, "office-held", "Anda tidak memegang jabatan ini. Pilih dari daftar.")
        answer = RedirectResponse(inside(str(form.get("kembali", HOME))), 303)
        set_cookie(visit, answer, SESSION, visit.parts.sessions.change(visit.begun, said))
        return answer

    return routes


def _ended(visit: Visit) -> Response:
    session, identity = visit.begun, visit.parts.identity
    target = None
    if session is not None:
        visit.parts.sessions.close(session)
        if identity is not None:
            target = identity.provider.ending(identity.vault.opened(session.tokens).identity)
    answer = RedirectResponse(target or "/masuk", 303)
    drop_cookie(visit, answer, SESSION)
    return answer
