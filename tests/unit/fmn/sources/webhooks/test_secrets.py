from __future__ import annotations

from fmn.infra.public_ids import PublicId
from fmn.sources.webhooks.secrets import hook_secret, signing_key

HOOK = PublicId(1, 17)


def test_a_secret_is_the_same_each_time_and_one_webhook_s_own() -> None:
    secret = hook_secret("of the web app", HOOK, 1)

    assert secret == hook_secret("of the web app", HOOK, 1)
    others = {
        hook_secret("another", HOOK, 1), hook_secret("of the web app", HOOK, 2),
        hook_secret("of the web app", PublicId(1, 18), 1), hook_secret("of the web app", PublicId(2, 17), 1)}
    assert len(others | {secret}) == 5
    assert len(signing_key(secret)) == 32
