"""`tocsin doctor`: what must be right before the first incident, each line with what mends it."""

from bot.cli.doctor.doctor_command import doctor

__all__ = ["doctor"]
