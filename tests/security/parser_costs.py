"""What the worst input costs each parser: shapes that made one slow somewhere, as large as is let in.

Run as a program it reads lines that name one each, and answers with a line of JSON: time of the processor,
memory, and how it ended. Each is parsed in a process of its own, which may take no more than :data:`MEMORY`
and :data:`SECONDS`. ``python -m tests.security.parser_costs --all`` measures all of them.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

import structlog

from tests.fuzz.targets import TARGETS

#: Bytes of address space after which one is ended.
MEMORY: Final = 2 * 1024**3
#: Seconds of the processor after which one is ended where :func:`yardstick` takes :data:`YARDSTICK` seconds;
#: as many times more on a slower machine, and while coverage is measured.
SECONDS: Final = 5
YARDSTICK: Final = 0.03

Make = Callable[[int], bytes]


def repeat(part: str, before: str = "", after: str = "") -> Make:
    """As many of a part as fit between a beginning and an end."""
    return lambda size: (before + part * ((size - len(before) - len(after)) // len(part)) + after).encode()


def nest(opening: str, closing: str, before: str = "", after: str = "") -> Make:
    """As deep as fits."""
    def make(size: int) -> bytes:
        levels = (size - len(before) - len(after)) // (len(opening) + len(closing))
        return (before + opening * levels + closing * levels + after).encode()

    return make


def numbered(line: str, before: str = "", after: str = "") -> Make:
    """As many different ones as fit; ``#`` is the number."""
    def make(size: int) -> bytes:
        count = (size - len(before) - len(after)) // (len(line) + 5)
        return (before + "".join(line.replace("#", str(number)) for number in range(count)) + after).encode()

    return make


_JSON: Final[Mapping[str, Make]] = {
    "objects without end": repeat("{},", "[", "0]"),
    "lists without end": repeat("[],", "[", "0]"),
    "floats": repeat("1.1,", "[", "0]"),
    "keys": numbered('"k#":0,', "{", '"k":0}'),
    "one level for each bracket": nest("[", "]"),
    "objects in objects": nest('{"a":', "}", "", ""),
    "brackets that never close": repeat("["),
    "a number": repeat("1"),
    "a fraction": repeat("1", "0."),
    "numbers of 4,000 digits": repeat("1" * 4000 + ",", "[", "0]"),
    "escapes": repeat("\\ud83d\\ude00", '["', '"]'),
    "half of an escape": repeat("\\ud83d", '["', '"]'),
    "wide characters": lambda size: ('["' + "\U0001f4e6" * ((size - 8) // 4) + '"]').encode(),
}
#: The shapes that take most when they're decoded.
_SOME: Final = {name: _JSON[name] for name in ("objects without end", "keys", "brackets that never close")}
_MESSAGE: Final = '{"topic":"org.fedoraproject.prod.copr.build.end","timestamp":1,"msg_id":"x","msg":'


def _within(shapes: Mapping[str, Make], before: str, after: str) -> dict[str, Make]:
    def around(make: Make) -> Make:
        return lambda size: before.encode() + make(size - len(before) - len(after)) + after.encode()

    return {name: around(make) for name, make in shapes.items()}


SHAPES: Final[Mapping[str, Mapping[str, Make]]] = {
    "frames": _within(_JSON, _MESSAGE, "}"),
    "canonical": _JSON,
    "spool_entry": {"brackets that never close": repeat("["), **_within(
        _SOME, '{"msg_id":"a","topic":"b","sent_at":"2026-01-01T00:00:00+00:00","signer":"",'
        '"received_at":"2026-01-01T00:00:00+00:00","body":', "}")},
    "archive_page": _within(_SOME, '{"pages":1,"total":1,"raw_messages":', "}"),
    "directory_answer": _SOME,
    "oidc_document": {**_JSON, **_within(_SOME, '{"keys":', "}"),
                      "keys that are no keys": repeat(
                          '{"kty":"RSA","n":"AQAB","e":"AQAB"},', '{"keys":[', "{}]}")},
    "api_body": {**_JSON, **_within(_SOME, '{"expression":', "}")},
    "expression_json": {**_JSON, "all of all": nest('{"all":[', "]}"), "nots": nest('{"not":', "}")},
    "preferences": {
        **_JSON,
        **_within(_SOME, '{"version":1,"mutes":', "}"),
        **_within(_SOME, '{"version":1,"contexts":', "}"),
        "unknown words": numbered('"time_zon#":0,', '{"version":1,', '"x":0}'),
        "filters with unknown words": repeat(
            '{"nam":"x","expresion":"y"},', '{"version":1,"contexts":{"email":{"filters":[', "{}]}}}"),
        "a key of dots": repeat("a.", after="a=1"),
        "two keys of dots": lambda size: b"\n".join(
            name + b".a" * (size // 4 - 9) + b"=1" for name in (b"b", b"c")),
        "keys of 1,000 dots": numbered("b#" + ".a" * 1000 + "=1\n"),
        "headers of 1,000 dots": numbered("[b#" + ".a" * 1000 + "]\n"),
        "headers": numbered("[t#]\n"),
        "tables in lists": repeat("[[a]]\n"),
        "lists in lists": nest("[", "]", "a="),
        "groups in groups": nest("{a=", "}", "a="),
        "groups": repeat("{},", "a=[", "]"),
        "keys in a group": numbered("k#=1,", "a={", "k=1}"),
        "keys of a file": numbered("k#=1\n"),
        "a long number": repeat("1", "a="),
        "a long fraction": repeat("1", "a=0."),
        "a long text": repeat("\\u00e9", 'a="', '"'),
        "a text of lines": repeat("\\\n ", 'a="""', '"""'),
        "comments": repeat("#\n"),
        "moments": repeat("2026-01-01T00:00:00Z,", "a=[", "]"),
    },
    "notation": {
        "words": repeat("a and ", after="a"), "alternatives": repeat("a or ", after="a"),
        "both": repeat("a and b or ", after="a"), "nots": repeat("not ", after="a"),
        "parentheses": nest("(", ")"), "all of all": nest("all(", ")"),
        "arguments": numbered("k#=v,", "a(", "k=v)"),
        "the same argument": repeat("k=v,", "a(", "k=v)"), "a word": repeat("a"),
        "a quotation": repeat("a", 'a("', '")'), "escapes": repeat("\\\\", 'a("', '")'),
        "quotation marks": repeat('"'), "blanks": repeat(" "),
        "backslashes that never end": repeat("\\", 'a("'),
    },
    "report": {
        "parts in parts": lambda size: b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(size // 60)),
        "parts": repeat("--b\n\nx\n", "Content-Type: multipart/mixed; boundary=b\n\n", "--b--"),
        "messages in messages": repeat("Content-Type: message/rfc822\n\n"),
        "headers": numbered("X#: y\n"), "a folded header": repeat(" x\n", "Subject: y\n"),
        "parameters": numbered("a*#=x;", "Content-Type: message/delivery-status;"),
        "parameters with escapes": numbered("a*#*=%41;", "Content-Type: text/plain;", " charset*=a'b'c\n\nx"),
        "semicolons": repeat(";", "Content-Type: a/b"), "quotes": repeat('"\\', "Content-Type: a/b; c="),
        "encoded words": repeat("=?utf-8?q?=41?= ", "From: "), "addresses": repeat("a@b,", "To: "),
        "comments": nest("(", ")", "From: "), "open comments": repeat("(", "From: "),
        "groups": repeat("a:", "To: "),
        "recipients": repeat(
            "Final-Recipient: rfc822; a@b\nAction: failed\nStatus: 5.1.1\n\n",
            "Content-Type: message/delivery-status\n\n"),
        "blank lines": repeat("\n", "A: b\n\n"), "blanks": repeat(" ", "A: b\n\n"),
        "digits": repeat("5", "A: b\n\n"),
        "answers": repeat("550 5.1.1 x\n", "A: b\n\n"), "brackets": repeat("<a@b> ", "A: b\n\n"),
        "a line": repeat("5.1.1 ", "A: b\n\n"), "base64": repeat(
            "QUFB\n", "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"),
        "our address": repeat("bounces+1", "To: "), "our address, forged": repeat(
            "bounces+1-aaaaaaaaaaaaaaaa@example.org ", "To: "),
        "NUL": repeat("\0"), "carriage returns": repeat("\r"), "other ends of lines": repeat("\x85\x1c"),
    },
    "form": {
        "fields": repeat("a=&"), "different fields": numbered("k#=v&"), "semicolons": repeat(";"),
        "escapes": repeat("%41", "a="), "half escapes": repeat("%", "a="),
        "parts": repeat("--b\r\n\r\n\r\n", after="--b--"), "named parts": repeat(
            '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n', after="--b--"),
        "parts in parts": repeat("--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"),
        "a header of a part": repeat("a;", "--b\r\nContent-Disposition: "),
    },
    "irc_lines": {
        "a line": repeat("x"), "empty lines": repeat("\n"), "words": repeat("x ", ":a PRIVMSG b "),
        "tags": repeat("a=b;", "@", " :a PRIVMSG b c\r\n"), "colons": repeat(":"),
        "blanks": repeat(" ", ":a "), "features": repeat("A=B ", ":a 005 fmn ", ":are supported\r\n"),
        "CTCP": repeat("\x01", ":a PRIVMSG b :", "\r\n"), "modes": repeat("+o", ":a MODE #b ", "\r\n"),
    },
    "apprise_url": {
        "slashes": repeat("/", "matrix://a"), "words": numbered("k#=v&", "slack://a/b/c?"),
        "at signs": repeat("@", "slack://"), "escapes": repeat("%2", "slack://"),
        "commas": repeat(",", "ntfy://a/"),
        "blanks": repeat(" ", "ntfy://"), "colons": repeat(":", "gotify://"), "brackets": repeat("[", "ntfy://"),
    },
    "push_subscription": {
        **_JSON, "fields": repeat("a=&", "https://a/#"), "escapes": repeat("%41", "https://a/#browser="),
        "base64": repeat("A", "https://a/#vapid=A&keys="), "a name": repeat("&amp;", "https://a/#browser="),
    },
    "inbox_search": {
        "words": repeat("x "), "quotation marks": repeat('"'), "backslashes": repeat("\\", '"', '"'),
        "minus signs": repeat("-"), "operators": repeat("app:", "", "x"), "letters": repeat("a", "", ":x"),
        "slashes": repeat("/", "app:"),
    },
    "session_cookie": {**_JSON, "base64": repeat("A"), "no base64": repeat("=")},
    "links": {"digits": repeat("1"), "points": repeat("."), "a number and points": repeat("1.", "1")},
    "id_token": {
        "points": repeat("."), "base64": repeat("A", "eyJhbGciOiJSUzI1NiJ9.", ".A"),
        "a large header": repeat("A", "e", ".e30.A"),
        "a packed payload": repeat("A", "eyJ6aXAiOiJERUYifQ.", ".A"),
    },
}


def measured(target: str, make: Make) -> dict[str, object]:
    """What a shape costs, as large as the target takes it."""
    data, seconds = make(TARGETS[target].most_bytes), seconds_here()
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        os.close(reading)
        _parse(target, data, seconds, writing)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        said = told.read()
    _, status = os.waitpid(child, 0)
    if not said:  # it was ended for what it took
        return {"bytes": len(data), "seconds": seconds, "megabytes": MEMORY >> 20, "end": f"status {status}"}
    return {"bytes": len(data), **json.loads(said)}


def yardstick() -> float:
    """Return how many seconds of the processor a million steps of Python take."""
    began = time.process_time()
    sum(step * step for step in range(1_000_000))
    return time.process_time() - began


@cache
def seconds_here() -> int:
    """Return how many seconds one may take on this machine."""
    return math.ceil(SECONDS * max(1.0, min(yardstick() for _ in range(3)) / YARDSTICK))


def _parse(target: str, data: bytes, most_seconds: int, writing: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (most_seconds, most_seconds))
    with contextlib.suppress(OSError):  # begin with the highest water anew
        Path("/proc/self/clear_refs").write_text("5")
    before, began, end = _kilobytes("VmRSS"), time.process_time(), "refused or read"
    try:
        TARGETS[target].parse(data)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it's told
        end = f"{type(error).__name__}: {str(error)[:200]}"
    megabytes = (_kilobytes("VmHWM") - before) / 1000
    seconds = time.process_time() - began
    os.write(writing, json.dumps({
        "seconds": round(seconds, 3), "megabytes": round(megabytes, 1), "end": end}).encode())


def _kilobytes(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def warm_up() -> None:
    """Have everything imported and made that is made once."""
    for target in TARGETS.values():
        for data in (b"{}", b"a", b"version = 1", b"matrix://a/b", b":a 005 b C=D :x\r\n", b"A: b\n\nc"):
            target.parse(data)


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    warm_up()
    every = (f"{target}\t{shape}" for target, shapes in SHAPES.items() for shape in shapes)
    for line in every if "--all" in sys.argv else sys.stdin:
        target, shape = line.strip().split("\t")
        cost = {"target": target, "shape": shape, **measured(target, SHAPES[target][shape])}
        print(json.dumps(cost), flush=True)  # noqa: T201  its answer
