"""The doors to the outside: what the rules need of a database and of Slack, said without either."""

from bot.letterbox import MAY_SEND, Block, Channel, Claimed, Identity, Message, Posted, Said, Waiting
from bot.ports.outside import Chat, OnCall, Pager
from bot.ports.store import Store
from bot.ports.transaction import Transaction

__all__ = [
    "MAY_SEND",
    "Block",
    "Channel",
    "Chat",
    "Claimed",
    "Identity",
    "Message",
    "OnCall",
    "Pager",
    "Posted",
    "Said",
    "Store",
    "Transaction",
    "Waiting",
]
