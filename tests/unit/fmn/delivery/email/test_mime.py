from __future__ import annotations

import email
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, default
from email.utils import getaddresses

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fmn.delivery.email.mime import (
    FOLD_AT,
    LONGEST_LINE,
    Block,
    alternatives,
    alternatives_of,
    header,
    mailbox,
    quoted_printable,
)
from fmn.text import one_line

#: What :func:`~fmn.text.one_line` makes of anything.
LINES = st.text(st.characters(codec="utf-8")).map(one_line)


def headers_from(value: str, name: str = "Subject") -> tuple[bytes, EmailMessage]:
    """A header between two others, on the wire and parsed by the library."""
    headers = [("X-Before", "1"), (name, value), ("X-After", "2")]
    wire = alternatives(["plain\n", "<p>html</p>\n"]).within(headers).as_bytes()
    return wire.partition(b"\r\n\r\n")[0], email.message_from_bytes(wire, policy=default)


class TestHeaders:
    @given(LINES)
    @example("=?utf-8?q?=0D=0ABcc:_mallory=40example.org?=")
    @example("a =?utf-8?q?b?= c")
    @example("bob: 'ü' " * 12 + "bob")
    @example("x" * 300)
    @example("x" * 2000)
    @example("é" * 100)
    def test_read_back_as_they_were_and_add_no_others(self, text: str) -> None:
        wire, mail = headers_from(text)
        assert one_line(str(mail["Subject"])) == text
        assert mail.keys() == ["X-Before", "Subject", "X-After", "MIME-Version", "Content-Type"]
        assert wire.isascii()
        assert all(len(line) <= LONGEST_LINE for line in wire.split(b"\r\n"))

    @given(st.lists(LINES.filter(lambda word: len(word) <= 40)).map(" ".join).map(one_line))
    def test_of_usual_words_are_folded_where_mail_programs_like_it(self, text: str) -> None:
        wire, _ = headers_from(text)
        assert all(len(line) <= FOLD_AT for line in wire.split(b"\r\n"))

    @given(st.text(st.characters(codec="utf-8")), st.sampled_from("\r\n\0\x1b\u2028\x85\ud800"), st.text())
    def test_with_control_characters_are_refused(self, before: str, control: str, after: str) -> None:
        with pytest.raises(ValueError, match="X-Name: a header can't hold control characters"):
            header("X-Name", before + control + after)

    @given(LINES.filter(bool))
    @example('Bodhi (FMN) <mallory@example.org>, "')
    @example("=?utf-8?q?mallory=40example.org=3E,?=")
    @example("é" * 100)
    def test_name_a_sender_without_touching_the_address(self, name: str) -> None:
        # Python's newer parser puts blanks between encoded words of a name, which RFC 2047 forbids
        wire, _ = headers_from(mailbox(name, "fmn@example.org"), "From")
        [(shown, address)] = getaddresses([str(email.message_from_bytes(wire)["From"])])
        assert address == "fmn@example.org"
        assert one_line(str(make_header(decode_header(shown)))) == name

    def test_of_a_mail_with_utf8_headers_are_written_as_they_are(self) -> None:
        headers = [("To", "jürgen@example.org"), ("Subject", "ü")]
        wire = alternatives(["", ""]).within(headers, utf8=True).as_bytes()
        assert "To: jürgen@example.org\r\nSubject: ü\r\n".encode() in wire
        mail = email.message_from_bytes(wire, policy=SMTPUTF8)
        assert mail["To"] == "jürgen@example.org"


class TestParts:
    @given(st.text(st.characters(codec="utf-8", exclude_characters="\r")), st.text(
        st.characters(codec="utf-8", exclude_characters="\r")))
    @example("From here\n.\n..\nFrom there\n", "a\n" + "b" * 2000 + "\n")
    @example("trailing \n\t\n", "=3D=\n")
    def test_read_back_as_they_were(self, plain: str, html: str) -> None:
        wire = alternatives([plain, html]).within([]).as_bytes()
        mail = email.message_from_bytes(wire, policy=SMTP)

        assert wire.isascii()
        assert b"\r" not in wire.replace(b"\r\n", b"")
        assert b"\n" not in wire.replace(b"\r\n", b"")
        assert all(len(line) <= LONGEST_LINE for line in wire.split(b"\r\n"))
        for subtype, text in (("plain", plain), ("html", html)):
            body = mail.get_body((subtype,))
            assert isinstance(body, EmailMessage)
            content = body.get_payload(decode=True)
            assert isinstance(content, bytes)
            assert content.decode().replace("\r\n", "\n") == text

    def test_are_left_alone_where_they_are_plain_ascii(self) -> None:
        wire = alternatives(["a = b\n", "<p class=x>ü</p>\n"]).as_bytes()
        assert b"Content-Transfer-Encoding: 7bit\r\n\r\na = b\r\n" in wire
        assert b"Content-Transfer-Encoding: quoted-printable\r\n\r\n<p class=3Dx>=C3=BC</p>\r\n" in wire

    @given(st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\r")).map("{}\n".format), min_size=1))
    @example([".\n", "..\n", "trailing \n", " \n", "=\n", "a" * 2000 + "\n"])
    @example(["plain\n", "ü\n"])
    def test_are_the_same_bytes_in_one_block_and_in_several(self, texts: list[str]) -> None:
        text = "".join(texts)
        assert alternatives_of([[Block(each) for each in texts]]) == alternatives([text])

    def test_are_the_same_bytes_each_time(self) -> None:
        assert alternatives(["a", "b"]) == alternatives(["a", "b"])
        assert alternatives(["a", "b"]) != alternatives(["a", "c"])

    @given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"))))
    def test_are_as_long_as_their_lines_together(self, lines: list[str]) -> None:
        ended = [f"{line}\n" for line in lines]
        assert len(quoted_printable("".join(ended))) == sum(len(quoted_printable(line)) for line in ended)
