"""What the version before step 013 of the schema can read.

It fails on anything else and cannot be changed any more, so newer values are written where it does not look. This goes
when that version is not run any more.
"""

from collections.abc import Mapping


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


EFFECTS = {
    kind: frozenset(names)
    for kind, *names in map(
        str.split,
        """
        AddBookmark incident room
        AnnounceIncident incident channel_name
        ArchiveChannel incident change
        AskForUpdate incident person role promise
        AskIfStill incident change
        CallEveryone incident channel_name why cause
        EnsureIncidentsChannel name
        FindOnCall incident contact place change by_hand though_answered again by_severity
        FindResponders incident contact handle
        FollowPage incident way what change
        InvitePeople incident people change
        KeepMessage channel ts person incident
        MentionPeople incident people missing change
        MoveToChannel incident attempt
        NamePhone incident way why
        OfferCommand incident person by change words
        OpenChannel incident
        PageContact incident way
        PageResponder incident person contact
        PinAlert incident room
        PostAlert incident room
        PostChecklist incident count
        PostEvidence incident look
        PostFinding incident look place file
        PostNotice incident words detail change
        PostPlaybook incident part room
        PostResolution incident count
        PostUpdate incident update
        PublishResolution incident channel_name count
        PublishUpdate incident channel_name update
        RefreshAlert incident change
        RefreshAnnouncement incident change
        RefreshChecklist incident count change
        RefreshEvidence incident look change
        RefreshPage incident person change
        RemindOfChecklist incident within
        RemindOfUpdate incident promise stage missed draft
        RenameChannel incident change
        ReturnToChannel incident change
        SetTopic incident change
        TellIncidentsChannel incident channel_name words detail change
        TellOfRunbook channel_name sha why
        TellThread incident words detail change
        UploadChart incident look place
        """.strip().splitlines(),
    )
}
"""The kinds of effects, each with its fields."""

SENTENCES = _names(
    """
    acknowledged acknowledged_there answered_by_nobody answered_too_late business_day cancelled channel_back
    channel_failed channel_lost closed commander_changed effect_failed escalated moved no_way_left not_told
    on_call_problem page_failed page_requested page_resolved renamed reopened role_assigned severity_changed
    status_changed still_on_it update_asked update_overdue would_be_called
    """
)
"""The sentences that an effect with `words` and `detail` may name."""

ENTRIES = _names(
    """
    declared paged page_failed acknowledged joined left commander_changed channel_opened channel_failed
    status_changed update_posted update_overdue update_asked reminder_snoozed resolved item_ticked item_unticked
    closed cancelled reopened severity_changed renamed role_assigned command_offered note_added announcement_failed
    channel_lost channel_back channel_renamed source_edited source_deleted page_requested page_accepted
    page_delivered phone_named escalated asked_if_still still_on_it on_call_found on_call_not_called looked
    playbook_chosen
    """
)
"""The kinds of timeline entries."""


def can_perform(kind: str, format: int, payload: Mapping[str, object]) -> bool:
    """Whether it can perform this row of the outbox."""
    is_sentence = "words" in payload and "detail" in payload
    return (
        format == 1
        and set(payload) <= EFFECTS.get(kind, frozenset())
        and (not is_sentence or payload["words"] in SENTENCES)
    )


def convert_to_note(kind: str, detail: Mapping[str, str]) -> dict[str, str]:
    """An entry of a kind that it does not know as the detail of a note, which it draws."""
    return {**detail, "text": detail.get("text") or kind.replace("_", " ")}
