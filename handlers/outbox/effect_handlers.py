"""The effect handlers, by the class of the effect.

A handler makes the calls and returns an `EffectResult`, which the worker records. What must be written in the same
transaction as the success is its `on_commit`.
"""

from collections.abc import Awaitable, Callable
from typing import cast

from bot.domain import effects as e
from bot.domain.incident import PostedMessage, Situation, StatusUpdate
from bot.domain.notices import TO_ACT_ON, UpdateNews
from bot.ports import LeasedEffect, SlackPayload
from bot.services import effect_results, timeline_notes
from handlers.outbox import (
    action_messages,
    audience,
    break_glass,
    channel_metadata,
    check_ins,
    command_offers,
    deleted_messages,
    digest_message,
    direct_messages,
    evidence_messages,
    flood_notice,
    invitations,
    item_owner_message,
    offer_messages,
    page_delivery,
    page_publisher,
    people_mentions,
    playbook_message,
    public_draft_message,
    remediation_card,
    shift_card,
    thread_fallback,
    ticket_delivery,
    update_reminders,
)
from handlers.outbox.channel_creation import ensure_channel, ensure_incidents_channel
from handlers.outbox.effect_context import (
    Destination,
    EffectContext,
    build_message_ref,
    find_room,
    get_incident_number,
)
from handlers.outbox.effect_result import EffectResult
from handlers.outbox.review_handlers import REVIEW_HANDLERS
from templates import (
    alert,
    checklist_message,
    follower_messages,
    notices,
    resolution,
    update_messages,
)
from templates.incident_view import IncidentViewModel

EffectHandler = Callable[[EffectContext, LeasedEffect], Awaitable[EffectResult]]
Renderer = Callable[[IncidentViewModel, e.Effect], SlackPayload]


def build_room_handler(draw: Renderer) -> EffectHandler:
    """A message in the incident's channel."""

    async def perform(hands: EffectContext, row: LeasedEffect) -> EffectResult:
        view = await hands.load_view(get_incident_number(row))
        return EffectResult(await hands.post(row, find_room(view.situation), draw(view, row.effect)))

    return perform


def build_announcement_handler(draw: Renderer) -> EffectHandler:
    """A message in the channel where incidents are announced."""

    async def perform(hands: EffectContext, row: LeasedEffect) -> EffectResult:
        view = await hands.load_view(get_incident_number(row))
        if view.incident.private:
            return await _among_members(hands, row, view)
        return EffectResult(await hands.post(row, await hands.incidents_channel(), draw(view, row.effect)))

    return perform


async def _among_members(hands: EffectContext, row: LeasedEffect, view: IncidentViewModel) -> EffectResult:
    """Nothing of a private incident goes into the incidents channel; what somebody must act on is said in its own."""
    said = row.effect
    if not isinstance(said, e.TellIncidentsChannel) or not isinstance(said.notice, TO_ACT_ON):
        return EffectResult()
    drawn = notices.render_notice(view, said.notice)
    return EffectResult(await hands.post(row, find_room(view.situation), drawn))


def build_edit_handler(name: str, draw: Renderer) -> EffectHandler:
    """An edit of the message whose effect key begins with `name`; nothing when that was never posted."""

    async def perform(hands: EffectContext, row: LeasedEffect) -> EffectResult:
        view = await hands.load_view(get_incident_number(row))
        post = find_reachable_post(view.situation, name)
        return await deleted_messages.edit_posts(hands, row, [post] if post else [], draw(view, row.effect))

    return perform


async def refresh_alert(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Every copy is brought up to date: the buttons of each are still used."""
    view = await hands.load_view(get_incident_number(row))
    return await deleted_messages.edit_posts(
        hands, row, view.situation.copies("alert"), alert.render_alert(view)
    )


def find_reachable_post(situation: Situation, name: str) -> PostedMessage | None:
    """The message by its short name; None when there is none, or when it stands in a channel that was lost."""
    post = situation.post(name)
    return None if post is None or post.channel == situation.incident.lost_channel else post


async def pin_alert(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    post = find_reachable_post((await hands.load_view(get_incident_number(row))).situation, "alert")
    if post is not None:
        await hands.chat.pin(build_message_ref(post))
    return EffectResult()


async def notify_follower(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Nothing for somebody who is in the channel, where it was said, or may not see the incident any more: a guest sees
    it in its channel only."""
    effect = cast(e.TellFollower, row.effect)
    view = await hands.load_view(effect.incident)
    if view.situation.has_inside(effect.person):
        return EffectResult()
    if not await hands.services.store.may_see(effect.incident, effect.person):
        return EffectResult()
    known = await hands.services.store.person(effect.person)
    if known is not None and known[0].guest:
        return EffectResult()
    news = effect.news
    if isinstance(news, UpdateNews):
        drawn = follower_messages.render_update(view, _update_of(view, int(effect.change)))
    else:
        drawn = follower_messages.render_news(view, news)
    return EffectResult(await hands.post(row, Destination(effect.person), drawn))


async def capture_message(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    effect = cast(e.KeepMessage, row.effect)
    said = await hands.chat.read_message(effect.channel, effect.ts)
    if said is None:
        return EffectResult()
    number = effect.incident or await hands.services.store.find_incident_in(effect.channel, said.thread)
    if number is None:
        return EffectResult()
    return EffectResult(on_commit=lambda tx: timeline_notes.record_pinned_message(tx, effect, number, said))


async def create_channel(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    number = get_incident_number(row)
    channel = await ensure_channel(hands, row, (await hands.load_view(number)).situation.incident)
    return EffectResult(on_commit=lambda tx: effect_results.record_opened_channel(tx, number, channel.id))


async def create_incidents_channel(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    name = cast(e.EnsureIncidentsChannel, row.effect).name
    channel = await ensure_incidents_channel(hands, name)
    return EffectResult(on_commit=lambda tx: tx.set_channel_place(name, channel))


def _update_of(view: IncidentViewModel, number: int) -> StatusUpdate:
    return next(update for update in view.situation.updates if update.id == number)


def _update(view: IncidentViewModel, effect: e.Effect) -> SlackPayload:
    return update_messages.render_update(view, _update_of(view, cast(e.PostUpdate, effect).update))


def _render_published_update(view: IncidentViewModel, effect: e.Effect) -> SlackPayload:
    return update_messages.render_published_update(
        view, _update_of(view, cast(e.PublishUpdate, effect).update)
    )


def _notice(view: IncidentViewModel, effect: e.Effect) -> SlackPayload:
    said = cast(e.PostNotice, effect)
    return notices.render_notice(view, said.notice)


def _render_announcement(view: IncidentViewModel, effect: e.Effect) -> SlackPayload:
    said = cast(e.TellIncidentsChannel, effect)
    return notices.render_announcement(view, said.notice)


EFFECT_HANDLERS: dict[type[e.Effect], EffectHandler] = {
    e.EnsureIncidentsChannel: create_incidents_channel,
    e.CountPeople: audience.count_people,
    e.PageResponder: direct_messages.page_responder,
    e.FindResponders: direct_messages.find_responders,
    e.RefreshPage: direct_messages.refresh_page,
    e.TellOfFlood: flood_notice.post_flood_notice,
    e.RefreshFlood: flood_notice.refresh_flood_notice,
    e.PageContact: page_delivery.page_contact,
    e.FollowPage: page_delivery.update_provider_page,
    e.RepeatPage: page_delivery.repeat_page,
    e.NotePage: page_delivery.add_page_note,
    e.FindOnCall: page_delivery.find_on_call,
    e.NamePhone: page_delivery.post_phone_fallback,
    e.AskIfStill: check_ins.ask_if_still,
    e.SettleCheckIn: check_ins.settle_check_in,
    e.OpenChannel: create_channel,
    e.PostAlert: thread_fallback.post_alert,
    e.PinAlert: pin_alert,
    e.InvitePeople: invitations.invite_people,
    e.MentionPeople: people_mentions.mention_people,
    e.MovePeople: invitations.move_people,
    e.PostPlaybook: playbook_message.post_playbook,
    e.PostEvidence: evidence_messages.post_evidence,
    e.RefreshEvidence: evidence_messages.refresh_evidence,
    e.RefreshOffers: offer_messages.refresh_offers,
    e.UploadChart: evidence_messages.upload_chart,
    e.PostFinding: evidence_messages.post_finding,
    e.AddBookmark: channel_metadata.add_bookmark,
    e.SetTopic: channel_metadata.set_topic,
    e.RefreshAlert: refresh_alert,
    e.PostNotice: build_room_handler(_notice),
    e.PostRemediation: remediation_card.post_card,
    e.RefreshRemediation: remediation_card.refresh_card,
    e.TellRequester: remediation_card.notify_requester,
    e.PageApprovers: break_glass.page_approvers,
    e.TellApprover: break_glass.notify_approver,
    e.TellOfBreakGlass: break_glass.post_break_glass,
    e.TellOfRemediations: remediation_card.post_switch,
    e.PostPublicDraft: public_draft_message.post_public_draft,
    e.RefreshPublicDraft: public_draft_message.refresh_public_draft,
    e.PublishText: page_publisher.publish_text,
    e.OfferCommand: command_offers.offer_command,
    e.SettleOffer: command_offers.settle_offer,
    e.TellFollower: notify_follower,
    e.FindShift: shift_card.find_shift,
    e.TellOfShift: shift_card.notify_shift_end,
    e.KeepMessage: capture_message,
    e.MoveToChannel: thread_fallback.move_to_channel,
    e.ReturnToChannel: thread_fallback.return_to_channel,
    e.TellThread: thread_fallback.post_to_thread,
    e.TellOfRunbook: thread_fallback.report_runbook_problem,
    e.TellOfContacts: thread_fallback.report_contacts_problem,
    e.Repost: deleted_messages.repost_message,
    e.RenameChannel: channel_metadata.rename_channel,
    e.ArchiveChannel: channel_metadata.archive_channel,
    e.AnnounceIncident: audience.add_audience_check(
        build_announcement_handler(lambda view, _: alert.render_announcement(view))
    ),
    e.RefreshAnnouncement: build_edit_handler(
        "announcement", lambda view, _: alert.render_announcement(view)
    ),
    e.CallEveryone: audience.add_audience_check(
        build_announcement_handler(
            lambda view, effect: notices.render_everyone(view, cast(e.CallEveryone, effect).why)
        )
    ),
    e.TellIncidentsChannel: build_announcement_handler(_render_announcement),
    e.RemindOfUpdate: update_reminders.remind_of_update,
    e.SettleReminder: update_reminders.settle_reminder,
    e.AskForUpdate: update_reminders.ask_for_update,
    e.SettleUpdateRequest: update_reminders.settle_update_request,
    e.PostUpdate: build_room_handler(_update),
    e.PublishUpdate: build_announcement_handler(_render_published_update),
    e.PostResolution: build_room_handler(lambda view, _: resolution.render_resolution(view)),
    e.PublishResolution: build_announcement_handler(lambda view, _: resolution.render_published(view)),
    e.PostChecklist: build_room_handler(lambda view, _: checklist_message.render_checklist(view)),
    e.RefreshChecklist: build_edit_handler(
        "checklist", lambda view, _: checklist_message.render_checklist(view)
    ),
    **REVIEW_HANDLERS,
    e.PostAction: action_messages.post_action,
    e.RefreshAction: action_messages.refresh_action,
    e.RemindOfAction: action_messages.remind_of_action,
    e.PostDigest: digest_message.post_digest,
    e.ShareLearnings: action_messages.share_learnings,
    e.TellOfEarlier: action_messages.tell_of_earlier,
    e.CreateTicket: ticket_delivery.create_ticket,
    e.SendTicketState: ticket_delivery.send_ticket_state,
    e.TellItemOwner: item_owner_message.notify_item_owner,
    e.RemindOfChecklist: build_room_handler(
        lambda view, effect: checklist_message.render_reminder(view, cast(e.RemindOfChecklist, effect).within)
    ),
}
"""Every effect has one handler; a test keeps the two in step."""

__all__ = ["EFFECT_HANDLERS", "EffectContext", "EffectHandler", "EffectResult"]
