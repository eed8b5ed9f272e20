"""Shell, SQL, Redis and the like to a typed step and its kind. Pure: no network, no client, no shell."""

from bot.commands.filters import Filtered, filtered
from bot.commands.given import Given
from bot.commands.grammar import LONGEST
from bot.commands.recognise import recognise, recognise_words

__all__ = ["LONGEST", "Filtered", "Given", "filtered", "recognise", "recognise_words"]
