"""The effect handlers, by the class of the effect.

A handler makes the calls and returns an `EffectResult`, which the worker records. What must be written in the same
transaction as the success is its `on_commit`.
"""

from typing import cast

from bot.domain import effects as e
from handlers.outbox import (
    action_messages,
    audience,
    break_glass,
    channel_creation,
    channel_metadata,
    check_ins,
    command_offers,
    deleted_messages,
    digest_message,
    direct_messages,
    evidence_messages,
    flood_notice,
    follower_notice,
    invitations,
    item_owner_message,
    message_handlers,
    offer_messages,
    page_delivery,
    page_publisher,
    people_mentions,
    pinned_message,
    playbook_message,
    public_draft_message,
    remediation_card,
    shift_card,
    thread_fallback,
    ticket_delivery,
    update_reminders,
)
from handlers.outbox.message_handlers import (
    EffectHandler,
    build_announcement_handler,
    build_edit_handler,
    build_room_handler,
)
from handlers.outbox.review_handlers import REVIEW_HANDLERS
from templates import alert, checklist_message, notices, resolution

EFFECT_HANDLERS: dict[type[e.Effect], EffectHandler] = {
    e.EnsureIncidentsChannel: channel_creation.create_incidents_channel,
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
    e.OpenChannel: channel_creation.create_channel,
    e.PostAlert: thread_fallback.post_alert,
    e.PinAlert: message_handlers.pin_alert,
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
    e.RefreshAlert: message_handlers.refresh_alert,
    e.PostNotice: build_room_handler(message_handlers.render_notice),
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
    e.TellFollower: follower_notice.notify_follower,
    e.FindShift: shift_card.find_shift,
    e.TellOfShift: shift_card.notify_shift_end,
    e.KeepMessage: pinned_message.capture_message,
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
    e.TellIncidentsChannel: build_announcement_handler(message_handlers.render_announcement),
    e.RemindOfUpdate: update_reminders.remind_of_update,
    e.SettleReminder: update_reminders.settle_reminder,
    e.AskForUpdate: update_reminders.ask_for_update,
    e.SettleUpdateRequest: update_reminders.settle_update_request,
    e.PostUpdate: build_room_handler(message_handlers.render_update),
    e.PublishUpdate: build_announcement_handler(message_handlers.render_published_update),
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
    e.DrawDigest: digest_message.draw_digest,
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
