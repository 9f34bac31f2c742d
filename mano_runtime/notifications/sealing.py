"""Credentials for callbacks at rest: sealed with the key of the installation (``mano_runtime.storage.vault``)."""

from __future__ import annotations

import msgspec

from mano_runtime.notifications.subscription import SUBSCRIPTIONS, Authentication, Subscription
from mano_runtime.storage import Database, Vault, VaultError


def sealed(subscription: Subscription, vault: Vault) -> Subscription:
    """Return the subscription as it is stored: with nothing secret in it that can be read."""
    if subscription.authentication is None:
        return subscription
    secret = msgspec.json.encode(subscription.authentication)
    return msgspec.structs.replace(subscription, authentication=None, sealed=vault.seal(secret, _place(subscription)))


def opened(subscription: Subscription, vault: Vault) -> Subscription:
    """Return the subscription with its credentials; VaultError when they will not open."""
    if not subscription.sealed:
        return subscription
    secret = vault.unseal(subscription.sealed, _place(subscription))
    authentication = msgspec.json.decode(secret, type=Authentication)
    return msgspec.structs.replace(subscription, authentication=authentication, sealed="")


async def seal_all(database: Database, vault: Vault) -> None:
    """Seal with the current key what is not, or not with that; what will not open is left, and told at its delivery.

    Of what was in clear nothing is left in the file of the database.
    """
    clear = False
    async with database.transaction() as connection:
        for stored in await SUBSCRIPTIONS.all(connection):
            subscription = stored.document
            done = not subscription.sealed or vault.is_current(subscription.sealed)
            if subscription.authentication is None and done:
                continue
            try:
                again = sealed(opened(subscription, vault), vault)
            except VaultError:
                continue
            clear = clear or not subscription.sealed
            await SUBSCRIPTIONS.replace(connection, stored.id, again)
    if clear:
        await database.forget_deleted()


def _place(subscription: Subscription) -> str:
    return f"subscription {subscription.id}"
