"""Where a server of ours may go on somebody else's word: a target's address, a document that names another host."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

# Prefixes that carry an address of the older kind inside: a private one could hide there.
EMBEDDING = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))


def reachable(address: str, *, inside: bool = False) -> bool:
    """Whether we may connect to it: the public network, or ours too where a setting says so (`inside`).

    The addresses where clouds keep secrets (link-local) are never reached.
    """
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return reachable(str(found.ipv4_mapped), inside=inside)
        if any(found in network for network in EMBEDDING):
            return False
    if found.is_link_local or found.is_multicast or found.is_unspecified:
        return False
    if inside and (found.is_private or found.is_loopback):
        return True
    return found.is_global


async def addresses_of(host: str, port: int) -> list[str]:
    """All addresses of a name, or the one it is; `OSError` when nobody knows it."""
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        told = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(one[4][0]).partition("%")[0] for one in told]
