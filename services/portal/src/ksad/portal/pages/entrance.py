"""Where officers sign in, and choose a language.

They do so with the ministry's identity provider. Where the development issuer is trusted instead, anybody may choose
any office: settings refuse it outside loopback, and so does each request that came under another name than this
machine's own.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Query, Response
from fastapi.responses import RedirectResponse

from ksad.chassis.loopback import is_loopback
from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.contracts.regions import RegionKind
from ksad.contracts.rules import RefusalKind
from ksad.portal.guarding import HOME, inside, sent_from_here
from ksad.portal.identity.logins import KEPT_SECONDS
from ksad.portal.languages import CODES, INDONESIAN
from ksad.portal.naming import ALONE
from ksad.portal.pages.choosing import choosing, known_names
from ksad.portal.visits import LANGUAGE_COOKIE, LOGIN, SESSION, Anyone, Posted, set_cookie

if TYPE_CHECKING:
    from ksad.portal.visits import Visit

YEAR_SECONDS = 365 * 24 * 3600


@cache
def development_offices() -> dict[str, str]:
    """Every office that exists today by its Indonesian name, those of the ministry first."""
    names = known_names(INDONESIAN)
    regions = names.regions
    existing = [one for one in regions.existing(names.today) if one.autonomous]
    listed = [office for office in ALONE if office not in {"platform", "mailer"}]
    for region in existing:
        if region.kind is RegionKind.PROVINCE:
            listed += [f"governor:{region.code}", f"tkksd:{region.code}"]
    listed += [f"region:{region.code}" for region in existing]
    return {names.office(office): office for office in listed}


def router() -> Router:
    """The routes of the entrance."""
    routes = Router()
    changing = [Depends(sent_from_here)]

    @routes.get("/", response_class=Response)
    def get_first() -> Response:
        """Leads to the first page of an officer."""
        return RedirectResponse(HOME, 303)

    @routes.get("/masuk", response_class=Response)
    def get_entrance(visit: Anyone, kembali: Annotated[str, Query(max_length=2_000)] = HOME) -> Response:
        """The page on which an officer signs in, or chooses one of several offices."""
        if visit.signed_in:
            return RedirectResponse(inside(kembali), 303)
        return choosing(visit, kembali) if visit.begun else _entrance(visit, kembali)

    @routes.post("/masuk", response_class=Response, dependencies=changing)
    def sign_in(visit: Anyone, form: Posted) -> Response:
        """Leads to the identity provider; in development, begins a session of the chosen office. 403 elsewhere."""
        said, back = str(form.get("jabatan", "")).strip(), inside(str(form.get("kembali", HOME)))
        if visit.parts.identity is not None:
            begun = visit.parts.identity.provider.begin()
            answer = RedirectResponse(begun.address, 303)
            set_cookie(visit, answer, LOGIN, visit.parts.identity.logins.begin(begun, back), KEPT_SECONDS)
            return answer
        if not _may_choose(visit):
            detail = "Jabatan hanya dapat dipilih di komputer pengembangan. Masuk lewat penyedia identitas."
            raise Problem(RefusalKind.FORBIDDEN, "office-from-provider", detail)
        office = development_offices().get(said)
        if office is None:
            return _entrance(visit, back, wrong=said)
        answer = RedirectResponse(back, 303)
        set_cookie(visit, answer, SESSION, visit.parts.sessions.begin(office))
        return answer

    @routes.post("/bahasa", response_class=Response, dependencies=changing)
    def choose_language(visit: Anyone, form: Posted) -> Response:
        """Chooses the language of this browser, and leads back."""
        code = str(form.get("bahasa", ""))
        answer = RedirectResponse(inside(str(form.get("kembali", HOME))), 303)
        tls = visit.parts.settings.tls
        if code in CODES:
            answer.set_cookie(
                LANGUAGE_COOKIE, code, max_age=YEAR_SECONDS, httponly=True, samesite="lax", secure=tls, path="/"
            )
        return answer

    return routes


def _entrance(visit: Visit, back: str, wrong: str | None = None) -> Response:
    offices = list(development_offices()) if _may_choose(visit) else None
    status, provided = 200 if wrong is None else 422, visit.parts.identity is not None
    return visit.page("entrance.html", status, offices=offices, provided=provided, back=inside(back), wrong=wrong)


def _may_choose(visit: Visit) -> bool:
    """Whether offices may be chosen: in development, under a name of this machine that no other can give itself."""
    return visit.parts.settings.development and is_loopback(visit.request.url.hostname or "")
