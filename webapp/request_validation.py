"""Validation of raw requests: malformed ones are refused before a view sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pyramid.config import Configurator
from pyramid.events import NewRequest
from pyramid.httpexceptions import HTTPBadRequest, HTTPNotFound, HTTPRequestEntityTooLarge

from fmn.translations import gettext, mark
from webapp.request import Request
from webapp.routes import FOREIGN_BODY

UNREADABLE: Final = mark(
    "FMN can’t read what your browser sent. Go back, reload the page, and try again.")
TOO_LARGE: Final = mark("FMN takes at most 1 MB at once. Send less, for example a smaller file.")
#: Bytes of the largest form: ours are small, but for files of preferences. Webhooks have their own limit.
LARGEST_FORM: Final = 1_000_000
#: What WebOb raises for it; the warning is for a form in another character set than UTF-8.
PARSE_ERRORS: Final = (ValueError, LookupError, DeprecationWarning, RecursionError)
#: Fields of a form; the largest of ours has a few for each of a filter's rules.
MAX_FIELDS: Final = 10_000
#: Parts of a form with files, and bytes of what stands before one. WebOb takes time by the square of those.
MAX_PARTS: Final = 100
MAX_PART_HEAD_BYTES: Final = 2_000
#: What WebOb parses as a form. Without a type it's one.
FORM_TYPES: Final = frozenset({"", "application/x-www-form-urlencoded"})
FILES_TYPE: Final = "multipart/form-data"
#: No browser writes it, and each takes a hundred bytes of memory.
_HALF_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_BOUNDARY: Final = re.compile(r'boundary="?([^";,\s]{1,200})')
_BLANK_LINE: Final = re.compile(rb"\r?\n\r?\n")
#: Databases refuse it, and nobody can type it.
NUL: Final = "\0"
CSRF_FIELD: Final = "csrf_token"


def includeme(config: Configurator) -> None:
    """Validate every request."""
    config.add_subscriber(validate_request, NewRequest)


def validate_request(event: NewRequest) -> None:
    """Refuse a malformed request. Raises an error of :mod:`pyramid.httpexceptions`."""
    request: Request = event.request
    try:
        path = request.path_info
    except UnicodeDecodeError:
        raise HTTPNotFound from None
    if NUL in path:
        raise HTTPNotFound
    if FOREIGN_BODY.fullmatch(path):
        return  # who sent the body is found out first
    if (request.content_length or 0) > LARGEST_FORM:
        raise HTTPRequestEntityTooLarge(gettext(TOO_LARGE))
    if not _is_cheap_to_parse(request):
        raise HTTPBadRequest(gettext(UNREADABLE))
    try:
        readable = not any(NUL in text for text in _submitted_texts(request))
        # A file in the place of the token that a form has to come with.
        readable = readable and isinstance(request.POST.get(CSRF_FIELD, ""), str)
    except PARSE_ERRORS:
        readable = False
    if not readable:
        raise HTTPBadRequest(gettext(UNREADABLE))


def _is_cheap_to_parse(request: Request) -> bool:
    """Whether a form can be parsed in little time and memory, judged by its bytes."""
    if request.content_type in FORM_TYPES and request.method == "POST":
        body = request.body
        return body.count(b"&") <= MAX_FIELDS and not _HALF_ESCAPE.search(body)
    if request.content_type == FILES_TYPE:
        found = _BOUNDARY.search(request.headers["Content-Type"])
        return found is not None and _has_few_parts(request.body, found[1].encode("latin-1", "replace"))
    return True


def _has_few_parts(body: bytes, boundary: bytes) -> bool:
    """Whether a multipart form has few parts, each with a short header and without nested parts."""
    parts = body.split(b"--" + boundary, MAX_PARTS + 1)
    return len(parts) <= MAX_PARTS and all(map(_has_short_head, parts))


def _has_short_head(part: bytes) -> bool:
    head = _BLANK_LINE.split(part[:MAX_PART_HEAD_BYTES + 1], maxsplit=1)[0]
    return len(head) <= MAX_PART_HEAD_BYTES and b"multipart/" not in head.lower()


def _submitted_texts(request: Request) -> Iterator[str]:
    """All names and values of the query and the form. Raises one of the :data:`PARSE_ERRORS`."""
    for said in (request.GET, request.POST):
        for pair in said.items():
            yield from (each for each in pair if isinstance(each, str))
