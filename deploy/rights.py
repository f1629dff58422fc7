"""Who may say what on the bus, as one table for the suite of one machine and for the shipped one."""

from collections.abc import Mapping
from typing import Any

SERVICES = ("office", "resources", "tech", "reader", "institute", "gateway")
PROVISION = "provision"
# Who compares copies with whom (shared/copies): asker → the owners it may question. A test holds it against the services.
COMPARES = {
    "reader": ("resources", "office"), "resources": ("reader", "office"), "office": ("resources",), "tech": ("office",),
    "institute": ("office",), "gateway": ("office",),
}


def permissions(service: str) -> dict[str, Any]:
    """What a service may do on the bus: publish its own facts, read everyone's, manage nothing."""
    own = service.upper()
    publish = [
        f"guanwu.{service}.>", f"guanwu-ctl.{service}.>", "guanwu-ctl.*.log", "$JS.API.INFO",
        f"$JS.API.STREAM.INFO.{own}", f"$JS.API.STREAM.MSG.GET.{own}", f"$JS.API.DIRECT.GET.{own}",
        f"$JS.API.DIRECT.GET.{own}.>",
    ]  # fmt: skip
    for producer in SERVICES:
        stream = producer.upper()
        publish += [
            f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{service}",
            f"$JS.API.CONSUMER.INFO.{stream}.{service}",
            f"$JS.ACK.{stream}.{service}.>",
        ]
    publish += [f"guanwu-ctl.{owner}.ledger.{service}" for owner in COMPARES.get(service, ())]
    subscribe = [f"_INBOX.{service}.>", f"guanwu-ctl.{service}.>", "guanwu-ctl.*.head"]
    return {"publish": {"allow": publish}, "subscribe": {"allow": subscribe}, "allow_responses": True}


def permissions_of_provision() -> dict[str, Any]:
    """What the user that makes streams and consumers may do: manage JetStream, but say nothing in a department's name."""
    return {"publish": {"allow": ["$JS.API.>"]}, "subscribe": {"allow": ["_INBOX.>"]}}


def rights(keys: Mapping[str, str]) -> dict[str, Any]:
    """The part of the server's configuration that names users by their public keys; NATS reads JSON as its own format."""
    users = [
        {"nkey": key, "permissions": permissions_of_provision() if name == PROVISION else permissions(name)}
        for name, key in keys.items()
    ]
    return {"accounts": {"GUANWU": {"jetstream": "enabled", "users": users}, "SYS": {}}, "system_account": "SYS"}
