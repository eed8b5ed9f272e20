"""Texts for customers in every state, as messages and as a form."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.domain.incident import Status
from bot.domain.public_standing import PublicStanding
from bot.domain.public_update import PageComponent, PageImpact, PublicPost, PublicState, PublicUpdate
from bot.domain.public_wording import WordingFacts, find_concerns
from bot.ports import SlackPayload
from templates import alert, modals
from templates.incident_view import IncidentViewModel
from templates.public_draft import (
    PublicDraftView,
    build_public_form,
    render_public_draft,
    switch_public_fields,
)
from templates.public_text import draft_public_text

PAGES = {"own": "Acme status"}
COMPONENTS = tuple(PageComponent("own", f"c{place}", f"Component {place}") for place in range(24))


def draft(view: IncidentViewModel, **values: Any) -> PublicDraftView:
    """A draft of the incident's text, with one component that is down."""
    incident = view.incident
    update = PublicUpdate(
        id=7,
        incident=incident.number,
        number=1,
        opening=1,
        state=PublicState.DRAFT,
        status=Status.INVESTIGATING,
        title=incident.title,
        text=draft_public_text(view, Status.INVESTIGATING, incident.declared_at) or "x",
        impact=PageImpact.CRITICAL,
        drafted_by="U0ANA",
        drafted_at=incident.declared_at,
        components={"own:c0": "major_outage"},
    )
    concerns = find_concerns(f"{incident.title} at prod-db-01 says Bruno", WordingFacts(own_names=("Bruno",)))
    return PublicDraftView(view, replace(update, **values), concerns, COMPONENTS, PAGES, 2)


def public_drafts(view: IncidentViewModel) -> Iterator[tuple[str, SlackPayload]]:
    """The message in every state."""
    later = view.incident.declared_at + timedelta(minutes=3)
    posts = (
        PublicPost("own", 7, "u1", "https://status.acme.example/incidents/1.html", later),
        PublicPost("statuspage:x", 7, why=f"it says no: {view.incident.title}"),
    )
    public = with_standing(view)
    yield "alert of a public incident", alert.render_alert(public)
    standing = public.situation.public
    assert standing is not None
    over = replace(public.situation, public=replace(standing, ended_at=later))
    yield "alert of one that ended there", alert.render_alert(replace(public, situation=over))
    for state in PublicState:
        by = ("U0ANA",) if state is not PublicState.DRAFT else ()
        yield (
            f"for customers, {state}",
            render_public_draft(draft(view, state=state, accepted_by=by, accepted_at=later, posts=posts)),
        )


def with_standing(view: IncidentViewModel) -> IncidentViewModel:
    """The same, public since a while with a promise."""
    since = view.incident.declared_at + timedelta(minutes=2)
    standing = PublicStanding(since, "https://status.acme.example/i/1.html", since + timedelta(minutes=15))
    return replace(view, publishes=True, situation=replace(view.situation, public=standing))


def public_forms(view: IncidentViewModel) -> Iterator[tuple[str, dict[str, Any]]]:
    """Its form, with and without components."""
    yield "for customers", build_public_form(draft(view))
    for name, form in (
        ("update", modals.build_update_form(replace(view, publishes=True), text="x", notice="")),
        (
            "resolve",
            modals.build_resolve_form(with_standing(view), text="x", postmortem=view.incident.declared_at),
        ),
    ):
        yield f"{name} that may go to customers", form
        yield f"{name} with a text for customers", switch_public_fields(form, draft(view))
    yield "for customers, bare", build_public_form(replace(draft(view), components=(), concerns=()))
