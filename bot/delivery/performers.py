"""How each effect is performed: one short function for each kind, found by its class in `PERFORMERS`.

A performer makes the calls and gives what came of them as `Done`; the loop records it. What must be written in the
same transaction as the success is the `then` of `Done`.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import cast

from bot import effects as e
from bot.delivery import looks, paging, places, rooms
from bot.delivery.channels import ensure_incidents_channel, open_channel
from bot.delivery.done import Done
from bot.delivery.hands import Hands, NotYet, Place, number_of, posted, room
from bot.incident import Post, Situation
from bot.lifecycle import delivered, notes
from bot.ports import Claimed, Message
from templates import alert, checklist, ladder, notices, playbook, resolution, roles, updates
from templates.view import View

Performer = Callable[[Hands, Claimed], Awaitable[Done]]
READING, MOST_WAITS = timedelta(seconds=0.5), 16
"""How long, and how often, a playbook waits for its steps to be understood: that takes a second after the start."""

Draw = Callable[[View, e.Effect], Message]


def in_room(draw: Draw) -> Performer:
    """A message in the incident's channel."""

    async def perform(hands: Hands, row: Claimed) -> Done:
        view = await hands.view(number_of(row))
        return Done(await hands.post(row, room(view.situation), draw(view, row.effect)))

    return perform


def in_incidents_channel(draw: Draw) -> Performer:
    """A message in the channel where incidents are announced."""

    async def perform(hands: Hands, row: Claimed) -> Done:
        view = await hands.view(number_of(row))
        if view.incident.private:
            return await _among_members(hands, row, view)
        return Done(await hands.post(row, await hands.incidents_channel(), draw(view, row.effect)))

    return perform


async def _among_members(hands: Hands, row: Claimed, view: View) -> Done:
    """Nothing of a private incident goes where everybody reads; what somebody must act on is said in its room."""
    said = row.effect
    if not isinstance(said, e.TellIncidentsChannel) or said.words not in notices.TO_ACT_ON:
        return Done()
    return Done(
        await hands.post(row, room(view.situation), notices.notice(view, said.words, dict(said.detail)))
    )


def edited(name: str, draw: Draw) -> Performer:
    """An edit of the message whose effect key begins with `name`; nothing when that was never posted."""

    async def perform(hands: Hands, row: Claimed) -> Done:
        view = await hands.view(number_of(row))
        post = within_reach(view.situation, name)
        if post is not None:
            await hands.edit(row, post, draw(view, row.effect))
        return Done()

    return perform


async def refresh_alert(hands: Hands, row: Claimed) -> Done:
    """Every copy is brought up to date: the buttons of each are still used."""
    view = await hands.view(number_of(row))
    for post in view.situation.copies("alert"):
        await hands.edit(row, post, alert.alert(view))
    return Done()


def within_reach(situation: Situation, name: str) -> Post | None:
    """The message by its short name; None when there is none, or when it stands in a channel that was lost."""
    post = situation.post(name)
    return None if post is None or post.channel == situation.incident.lost_channel else post


async def page_responder(hands: Hands, row: Claimed) -> Done:
    effect = cast(e.PageResponder, row.effect)
    view = await hands.view(effect.incident, at_once=True)
    sent = await hands.post(row, Place(effect.person), alert.page(view, effect.person))
    return Done(sent, lambda work: delivered.page_accepted(work, effect))


async def ask_for_update(hands: Hands, row: Claimed) -> Done:
    effect = cast(e.AskForUpdate, row.effect)
    view = await hands.view(effect.incident)
    if not updates.is_awaited(view, effect.promise):
        return Done()
    return Done(await hands.post(row, Place(effect.person), updates.asked_for(view, effect)))


async def refresh_page(hands: Hands, row: Claimed) -> Done:
    effect = cast(e.RefreshPage, row.effect)
    view = await hands.view(effect.incident)
    post = view.situation.posts.get(f"page:{effect.incident}:{effect.person}")
    if post is not None:
        await hands.edit(row, post, alert.page(view, effect.person))
    return Done()


async def find_responders(hands: Hands, row: Claimed) -> Done:
    effect = cast(e.FindResponders, row.effect)
    if "@" in effect.handle:
        people = [(await hands.chat.person_by_email(effect.handle)).id]
    else:
        people = list(await hands.chat.usergroup_members(effect.handle))
    return Done(then=lambda work: delivered.responders_found(work, effect, people))


async def pin_alert(hands: Hands, row: Claimed) -> Done:
    post = within_reach((await hands.view(number_of(row))).situation, "alert")
    if post is not None:
        await hands.chat.pin(posted(post))
    return Done()


async def invite_people(hands: Hands, row: Claimed) -> Done:
    effect = cast(e.InvitePeople, row.effect)
    incident = (await hands.view(effect.incident)).situation.incident
    people = [person for person in effect.people if person != hands.identity.user]
    if incident.channel is None or not people:
        return Done()
    refused = await hands.chat.invite(incident.channel, people)
    if not refused:
        return Done()
    return Done(then=lambda work: delivered.not_invited(work, effect.incident, effect.change, refused))


async def mention_people(hands: Hands, row: Claimed) -> Done:
    effect = cast(e.MentionPeople, row.effect)
    if not effect.people and not effect.missing:
        return Done()
    view = await hands.view(effect.incident)
    return Done(
        await hands.post(row, room(view.situation), alert.mention(view, effect.people, effect.missing))
    )


async def post_playbook(hands: Hands, row: Claimed) -> Done:
    effect = cast(e.PostPlaybook, row.effect)
    view = await hands.view(effect.incident)
    steps = view.playbook.steps() if view.playbook else ()
    if row.attempts <= MOST_WAITS and any(step.meaning is None for step in steps):
        raise NotYet("the runbook's commands are still being read", READING)  # right after the start
    parts = playbook.playbook_messages(view)
    if effect.part >= len(parts):
        return Done()
    sent = await hands.post(row, room(view.situation), parts[effect.part])
    if effect.part + 1 == len(parts):
        return Done(sent)
    following = e.PostPlaybook(incident=effect.incident, part=effect.part + 1, room=effect.room)
    return Done(sent, lambda work: work.enqueue([following]))


async def offer_command(hands: Hands, row: Claimed) -> Done:
    effect = cast(e.OfferCommand, row.effect)
    view = await hands.view(effect.incident)
    drawn = roles.offer(view, effect.person, effect.by, effect.words)
    return Done(await hands.post(row, room(view.situation), drawn))


async def keep_message(hands: Hands, row: Claimed) -> Done:
    effect = cast(e.KeepMessage, row.effect)
    said = await hands.chat.said(effect.channel, effect.ts)
    if said is None:
        return Done()
    number = effect.incident or await hands.desk.store.incident_in(effect.channel, said.thread)
    if number is None:
        return Done()
    return Done(then=lambda work: notes.kept(work, effect, number, said))


async def make_channel(hands: Hands, row: Claimed) -> Done:
    number = number_of(row)
    channel = await open_channel(hands, row, (await hands.view(number)).situation.incident)
    return Done(then=lambda work: delivered.channel_opened(work, number, channel.id))


async def make_incidents_channel(hands: Hands, row: Claimed) -> Done:
    name = cast(e.EnsureIncidentsChannel, row.effect).name
    channel = await ensure_incidents_channel(hands, name)
    return Done(then=lambda work: work.set_channel_place(name, channel))


def _update(view: View, effect: e.Effect) -> Message:
    number = cast(e.PostUpdate, effect).update
    return updates.update(view, next(each for each in view.situation.updates if each.id == number))


def _published_update(view: View, effect: e.Effect) -> Message:
    number = cast(e.PublishUpdate, effect).update
    return updates.published_update(view, next(each for each in view.situation.updates if each.id == number))


def _notice(view: View, effect: e.Effect) -> Message:
    said = cast(e.PostNotice, effect)
    return notices.notice(view, said.words, dict(said.detail))


def _told(view: View, effect: e.Effect) -> Message:
    said = cast(e.TellIncidentsChannel, effect)
    return notices.told(view, said.words, dict(said.detail))


PERFORMERS: dict[type[e.Effect], Performer] = {
    e.EnsureIncidentsChannel: make_incidents_channel,
    e.PageResponder: page_responder,
    e.FindResponders: find_responders,
    e.RefreshPage: refresh_page,
    e.PageContact: paging.page_contact,
    e.FollowPage: paging.follow_page,
    e.FindOnCall: paging.find_on_call,
    e.NamePhone: paging.name_phone,
    e.AskIfStill: in_room(lambda view, _: ladder.ask_if_still(view)),
    e.OpenChannel: make_channel,
    e.PostAlert: rooms.post_alert,
    e.PinAlert: pin_alert,
    e.InvitePeople: invite_people,
    e.MentionPeople: mention_people,
    e.PostPlaybook: post_playbook,
    e.PostEvidence: looks.post_evidence,
    e.RefreshEvidence: looks.refresh_evidence,
    e.UploadChart: looks.upload_chart,
    e.PostFinding: looks.post_finding,
    e.AddBookmark: places.add_bookmark,
    e.SetTopic: places.set_topic,
    e.RefreshAlert: refresh_alert,
    e.PostNotice: in_room(_notice),
    e.OfferCommand: offer_command,
    e.KeepMessage: keep_message,
    e.MoveToChannel: rooms.move_to_channel,
    e.ReturnToChannel: rooms.return_to_channel,
    e.TellThread: rooms.tell_thread,
    e.TellOfRunbook: rooms.tell_of_runbook,
    e.RenameChannel: places.rename_channel,
    e.ArchiveChannel: places.archive_channel,
    e.AnnounceIncident: in_incidents_channel(lambda view, _: alert.announcement(view)),
    e.RefreshAnnouncement: edited("announcement", lambda view, _: alert.announcement(view)),
    e.CallEveryone: in_incidents_channel(
        lambda view, effect: notices.everyone(view, cast(e.CallEveryone, effect).why)
    ),
    e.TellIncidentsChannel: in_incidents_channel(_told),
    e.RemindOfUpdate: in_room(lambda view, effect: updates.reminder(view, cast(e.RemindOfUpdate, effect))),
    e.AskForUpdate: ask_for_update,
    e.PostUpdate: in_room(_update),
    e.PublishUpdate: in_incidents_channel(_published_update),
    e.PostResolution: in_room(lambda view, _: resolution.resolution(view)),
    e.PublishResolution: in_incidents_channel(lambda view, _: resolution.published_resolution(view)),
    e.PostChecklist: in_room(lambda view, _: checklist.checklist(view)),
    e.RefreshChecklist: edited("checklist", lambda view, _: checklist.checklist(view)),
    e.RemindOfChecklist: in_room(
        lambda view, effect: checklist.checklist_reminder(view, cast(e.RemindOfChecklist, effect).within)
    ),
}
"""Every effect has one performer; a test keeps the two in step."""

__all__ = ["PERFORMERS", "Done", "Hands", "Performer"]
