"""Decoder of JSON objects from strangers: bounded depth, and a rejection for whatever is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fmn.infra.json_decoder import decode_json
from fmn.sources.rejection import MessageRejectedError, RejectionReason, short_repr

#: Nesting levels of objects and arrays. Real messages have fewer than 15. Later code may recurse.
MAX_DEPTH = 100


def decode_object(text: bytes, encoding: str = "utf-8") -> dict[str, Any]:
    """The JSON object in ``text``. Check its size first.

    :raises MessageRejectedError: it's no JSON object, or nested too deeply
    """
    body = decode_value(text, encoding)
    if not isinstance(body, dict):
        raise MessageRejectedError(RejectionReason.NOT_AN_OBJECT, f"the body is {short_repr(body)}")
    return body


def decode_value(text: bytes, encoding: str = "utf-8") -> Any:
    """The JSON value in ``text``. Check its size first.

    :raises MessageRejectedError: it's no JSON, or nested too deeply
    """
    body = _decoded(text, encoding)
    # Counting brackets first is a hundred times faster than walking through the body.
    if text.count(b"[") + text.count(b"{") > MAX_DEPTH and _is_deeper_than(body, MAX_DEPTH):
        raise MessageRejectedError(RejectionReason.TOO_DEEP, f"the body has more than {MAX_DEPTH} levels")
    return body


def _decoded(text: bytes, encoding: str) -> Any:
    try:
        return decode_json(text.decode(encoding))
    except UnicodeDecodeError as error:
        raise MessageRejectedError(
            RejectionReason.NOT_UTF_8, f"the body isn't {encoding.upper()}: {error.reason}") from error
    except RecursionError as error:
        raise MessageRejectedError(
            RejectionReason.TOO_DEEP, f"the body has more than {MAX_DEPTH} levels") from error
    except ValueError as error:  # no JSON, or an integer too long for Python
        raise MessageRejectedError(RejectionReason.NOT_JSON, f"the body isn't JSON: {error}") from error
    except MemoryError as error:
        raise MessageRejectedError(
            RejectionReason.TOO_LARGE, "the body takes more memory than there is") from error


def _is_deeper_than(value: Any, levels: int) -> bool:
    nested = [value] if isinstance(value, dict | list) else []
    for _ in range(levels):
        nested = [child for node in nested for child in _children(node) if isinstance(child, dict | list)]
    return bool(nested)


def _children(node: Any) -> Iterable[Any]:
    return node.values() if isinstance(node, dict) else node
