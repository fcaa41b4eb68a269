"""Addresses: where the account's owner is reached."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Self

from pydantic import Field
from sqlalchemy.orm import Session

from fmn.channels import Proof, mask_address, proof_in
from fmn.ledger.system_deliveries import send_test_message, start_confirmation
from fmn.people import addresses
from fmn.people.addresses import AddressStatus, ListedAddress
from fmn.people.models import DetailValue, Preference
from fmn.people.reply_codes import confirm_by_typed_code
from webapp.api.models import KeptContext, RequestModel, ResponseModel
from webapp.api.operations import Operation, operation
from webapp.api.problems import invalid
from webapp.identity import Permission
from webapp.owned import owned_address, owned_preference
from webapp.preferences.address_confirmation import code_refusal, confirmation_phrase
from webapp.preferences.signing_secrets import signing_secret
from webapp.request import Request


class Address(ResponseModel):
    """An address, without its secrets. An unconfirmed address gets only confirmation messages.

    ``since`` is when the address was confirmed, or else when the last link or code was created; ``until`` is
    when that link or code expires. For a stopped address, ``since`` and ``reason`` say when and why it was
    stopped. ``say`` is the message that confirms the address when it’s sent from there. ``secret`` verifies
    signed deliveries; only tokens that may write see it.
    """

    id: int
    context: KeptContext
    address: str
    standing: AddressStatus
    since: datetime | None
    until: datetime | None
    reason: str | None
    say: str | None
    secret: str | None

    @classmethod
    def of(cls, request: Request, preference: Preference, found: ListedAddress) -> Self:
        """What is known of an address."""
        context, identity = preference.context, request.identity
        may_write = identity is not None and identity.has_permission(Permission.WRITE)
        asked = found.confirmation if found.status is AddressStatus.WAITING else None
        return cls(
            id=found.id, context=context, address=mask_address(context, found.value), standing=found.status,
            since=found.since, until=found.until, reason=found.reason or None,
            say=confirmation_phrase(request, context, asked)
            if asked and proof_in(context) is Proof.REPLY else None,
            secret=(signing_secret(request, preference, found.value) or None) if may_write else None)


class Addresses(ResponseModel):
    """The addresses of a context, oldest first."""

    addresses: list[Address]


class NewAddress(RequestModel):
    """An address to add."""

    address: Annotated[str, Field(min_length=1, max_length=2_000, examples=["mary@example.org"])]


class TypedCode(RequestModel):
    """A code that confirms an address. Case, spaces and the hyphen don’t matter."""

    code: Annotated[str, Field(min_length=1, max_length=100, examples=["ABCD-EFGH"])]


@operation("api_addresses", "GET", Permission.READ)
def list_addresses(request: Request) -> Addresses:
    """List the addresses of a context."""
    preference = owned_preference(request, request.read_session)
    found = addresses.list_addresses(request.read_session, [preference.id], request.now).get(
        preference.id, ())
    return Addresses(addresses=[Address.of(request, preference, each) for each in found])


@operation("api_addresses", "POST", Permission.WRITE, status=201)
def add_address(request: Request, body: NewAddress) -> Address:
    """Add an address.

    FMN sends a link or a code to the address and nothing else until the owner confirms it. For addresses that
    are confirmed by a message from there, nothing is sent, and the response has the message in ``say``.
    """
    preference = owned_preference(request, request.db)
    value = addresses.validate_address(preference.context, body.address, request.services.settings)
    added = addresses.add_address(request.db, preference, value, request.now)
    start_confirmation(request.db, added, request.now, request.services.settings.confirmation)
    request.response.location = request.route_path("api_address", address_id=added.id)
    return _shown(request, request.db, added)


@operation("api_address", "GET", Permission.READ)
def show_address(request: Request) -> Address:
    """Show an address and its status."""
    return _shown(request, request.read_session, owned_address(request, request.read_session))


@operation("api_address", "DELETE", Permission.WRITE, status=204)
def remove_address(request: Request) -> None:
    """Remove an address and cancel its pending deliveries."""
    addresses.remove_address(request.db, owned_address(request, request.db))


@operation("api_address_confirmation", "POST", Permission.WRITE, status=202, fails=(422,))
def resend_confirmation(request: Request) -> Address:
    """Send a new confirmation link or code, unless one is pending; or create a new code to say."""
    address = owned_address(request, request.db)
    start_confirmation(request.db, address, request.now, request.services.settings.confirmation)
    return _shown(request, request.db, address)


@operation("api_address_confirmation", "PUT", Permission.WRITE)
def confirm_address(request: Request, body: TypedCode) -> Address:
    """Confirm an address with the code sent there.

    After several wrong codes, request a new one.
    """
    # Not the request's own transaction: a wrong try counts although it's refused.
    with request.services.database.transaction() as session:
        address = owned_address(request, session)
        sentence = code_refusal(
            confirm_by_typed_code(session, address, body.code, request.links.is_code, request.now))
        answer = _shown(request, session, address)
    if sentence:
        raise invalid(sentence, "/code")
    return answer


@operation("api_address_test", "POST", Permission.WRITE, status=202, fails=(422,))
def test_address(request: Request) -> Address:
    """Send a test notification to a confirmed address."""
    address = owned_address(request, request.db)
    send_test_message(request.db, address, request.now, request.services.settings.confirmation)
    return _shown(request, request.db, address)


def _shown(request: Request, session: Session, address: DetailValue) -> Address:
    preference = address.preference
    found = addresses.list_addresses(session, [preference.id], request.now)[preference.id]
    return Address.of(request, preference, next(each for each in found if each.id == address.id))


OPERATIONS: Final[tuple[Operation, ...]] = (
    list_addresses, add_address, show_address, remove_address, resend_confirmation, confirm_address,
    test_address)
