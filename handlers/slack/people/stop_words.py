"""Words around people that are nobody's name, or seldom: which ones say nothing, which begin a sentence. Pure."""

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


COURTESIES = _words(
    """please pls plz now asap immediately quickly kindly thanks thank you thx ty instead today to for as is the
    too"""
)
"""Words around a person that say nothing."""

SPOKEN_OF = _words(
    """ask asks asked tell tells told see ping pings with from by via cc call calls called contact contacts
    about like and or help helps thank thanks than of says said"""
)
"""In front of a mention at the end of the words these say that somebody is only spoken of."""

STARTERS = _words(
    """please the we it is are can could need needs our your you i this that there what when why how who where
    come join help look see check call everything all no not and but or from for in on at if as now db api
    prod still"""
)
"""Words that begin a sentence with a capital and are nobody's surname."""

VERBS = _words(
    """is isn't was wasn't are were has hasn't had have says said thinks thought sees saw knows knew finds found
    reports will won't would can can't cannot could should might may must does doesn't did didn't just already also
    still never always needs wants asks told tells broke breaks went goes gets got made makes seems sits sleeps
    works runs ran left leaves took takes"""
)
"""Behind a name these say that somebody is spoken of: `chidi says it is down`; so does a word that ends in -ed."""

ALSO_NAMES = _words(
    """will may mark bill art rob max grace hope faith joy june april august dawn eve iris ivy rose ruby sky summer
    autumn jack chip chase drew grant guy ham hunter jay lance lane miles nick pat peg penny pierce ray rich rod sandy
    skip sonny stew tad trace tucker wade ward woody sue"""
)
"""First names that are words, too: in front of others nobody can tell."""

THINGS = _words(
    """down up broken slow failing fails dead outage urgent urgently hurry quick fast back gone over off high low
    incident alert alerts error errors issue problem emergency fire update database redis postgres server servers
    site website app application search payments payment checkout login queue cache disk cpu memory network dns
    cluster node nodes pod pods deploy deployment release rollback backup region latency timeout timeouts traffic
    customers customer users production staging everyone's somebody someone anybody anyone with then next again
    tell ask bring get give make let say try take restart stop start fix mend wait done ok okay yes here soon first
    me my us them him her they he she he's she's it's we're we've i'm don't an a so because since while until very
    really only about like says said via cc ping of than
    http https"""
)
"""What pages speak of, and how."""

BECAUSE = frozenset({"because", "since", "as", "cause", "cuz", "reason"})
"""Behind the people these begin what is said."""

NAME_LIKE = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")


def can_be_name(word: str) -> bool:
    """Whether a word, folded as names are compared, could be what somebody is called."""
    if not NAME_LIKE.fullmatch(word) or (word.isascii() and len(word) < 2):
        return False
    stem = word.removesuffix("'s")
    if stem != word or is_verb(word) or (len(word) > 5 and word.endswith("ing")):
        return False
    return word not in STARTERS | COURTESIES | SPOKEN_OF | VERBS | THINGS | BECAUSE


def is_verb(word: str) -> bool:
    """Whether a word behind a name says what that one does or did."""
    return word in VERBS or (len(word) > 4 and word.endswith("ed"))
