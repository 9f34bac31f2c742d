"""Telling those who asked to be told: subscriptions, an outbox in the database, and its delivery over HTTP.

``subscription``   who wants to be told what, where, and how we prove who we are
``outbox``         what is to be delivered, written in the transaction of the change that it tells of
``callbacks``      one request to a subscriber, with its authentication
``deliverer``      takes the outbox to the subscribers, in order, until they have it or it is too old
``notifications``  what the rooms use of all this
``resources``      the subscriptions of an API over REST
"""

from mano_runtime.notifications.notifications import Audience, Notifications, Stamp
from mano_runtime.notifications.subscription import Subscription

__all__ = ["Audience", "Notifications", "Stamp", "Subscription"]
