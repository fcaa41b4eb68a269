"""Sentences with which deliveries on IRC fail. Rows keep them in English, pages translate them.

What only administrators can mend, such as a login that is refused, has no translation.
"""

from __future__ import annotations

from typing import Final

from fmn.translations import mark

OFFLINE: Final = mark("the owner of the nick {nick} isn't on IRC")
NOT_IDENTIFIED: Final = mark("whoever uses the nick {nick} on IRC hasn't identified as its owner")
GONE_FOR_A_MOMENT: Final = mark("{nick} was gone from IRC for a moment")
NOT_KEPT: Final = mark("{reason}; it isn't kept")
KEPT: Final = mark("{reason}; it's kept for {hours} hours")
KEPT_NO_LONGER: Final = mark("{reason}; after {hours} hours it isn't kept any more")
REFUSED: Final = mark("the IRC server refused: {answer}")
UNCONFIRMED: Final = mark("some of it may have arrived on IRC, but not all is sure to: {reason}")
BUSY: Final = mark("too much else has to be said on IRC just now")
UNREACHABLE: Final = mark("the IRC server {server} can't be reached: {reason}")
NO_ANSWER: Final = mark("the IRC server doesn't answer")

FAILURES: Final = (
    OFFLINE, NOT_IDENTIFIED, GONE_FOR_A_MOMENT, NOT_KEPT, KEPT, KEPT_NO_LONGER, REFUSED, UNCONFIRMED, BUSY,
    UNREACHABLE, NO_ANSWER)
