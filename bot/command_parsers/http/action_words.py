"""Words of action in addresses: compared whole, split at signs and where the case changes (`run` is not `runs`)."""

from bot.command_parsers.secret_names import split_name

_VERBS = """
    restart delete remove reset flush purge build trigger deploy rollback revoke enable disable failover
    send run shutdown
"""
VERBS = frozenset(_VERBS.split())
"""They act wherever they stand: in a path, as a parameter's name, as the value of `action` and its like."""

_STRONG = """
    kill cancel terminate reboot destroy wipe truncate redeploy undeploy
"""
STRONG = frozenset(_STRONG.split())
"""Further ones that no parameter that only reads is called by."""

_FURTHER = """
    abort activate apply approve attach ban clean clear compact cordon create deactivate decommission demote deprovision
    deregister dispatch downgrade drain drop erase evict exec execute failback halt import install
    invalidate invoke logout migrate modify mute pause portforward poweroff poweron promote provision prune
    publish quarantine quitquitquit rebalance rebuild recover refresh refund reindex relaunch reload renew
    replay rerun restore resume resync retry rotate scale seal start stop suspend sync toggle unban unblock
    uncordon uninstall unload unlock unmute unpause unpublish unseal unsubscribe update upgrade upload
    bounce detach evacuate stepdown switchover teardown
"""
FURTHER = STRONG | frozenset(_FURTHER.split())
"""Further ones in a path or as a value; as the name of a parameter (`start`, `update`) they mostly act on nothing."""

_STATES = """
    build deploy failover restart rollback run seal shutdown sync trigger
"""
STATES = frozenset(_STATES.split())
_ABOUT = """
    count history id ids info number state status
"""
ABOUT = frozenset(_ABOUT.split())
"""What such a word is asked about: `build-info`, `run_id`, `sync-status`; a number names one (`run_7`)."""

_COMPOUNDS = """
    failback failover poweroff poweron reboot redeploy reload rerun restart resync rollback shutdown stepdown
    switchover teardown undeploy
"""
COMPOUNDS = frozenset(_COMPOUNDS.split())
"""Verbs that are written in two words as well: `roll-back`, `shutDown`."""

PAST = frozenset(["current", "last", "latest", "previous", "recent"])
"""What begins the name of something that was done: `lastBuild`, `latest-run`."""


def find_action_word(text: str, verbs: frozenset[str]) -> str | None:
    """The word of a segment, a name or a value that acts, None when it only names something."""
    words = _join_compounds(split_name(text))
    if not words or words[0] in PAST:
        return None
    for word, following in zip(words, [*words[1:], ""], strict=True):
        named = word in STATES and (following in ABOUT or following.isdigit())
        if word in verbs and not named:
            return word
    return None


def _join_compounds(words: list[str]) -> list[str]:
    """The words of a name, a verb in two words as one."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] + word in COMPOUNDS:
            word = joined.pop() + word
        joined.append(word)
    return joined


IN_PATH = VERBS | FURTHER
IN_NAME = VERBS | STRONG
