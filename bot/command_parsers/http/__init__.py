"""Requests over HTTP: what each does, by its method, address, headers and body; and the programs that send them."""

from bot.command_parsers.http.request_kind import READS, HttpRequest, HttpVerdict, classify_request
from bot.command_parsers.http.wget_httpie import parse_httpie, parse_wget

__all__ = ["READS", "HttpRequest", "HttpVerdict", "classify_request", "parse_httpie", "parse_wget"]
