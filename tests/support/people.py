"""People of the demonstration library, signed in, for flow tests and benchmarks."""

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx


@dataclass
class People:
    """Everyone who can sign in; one client a person, kept for the whole session."""

    base_url: str
    password: str
    verify: ssl.SSLContext | bool = True
    _clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    async def __call__(self, name: str) -> httpx.AsyncClient:
        """Client that acts as this person, e.g. `await people("rdr-dsk")`."""
        if name not in self._clients:
            client = httpx.AsyncClient(base_url=self.base_url, timeout=30, headers={"Accept": "application/json"}, verify=self.verify)
            answer = await client.post("/api/token", json={"username": name, "password": self.password})
            assert answer.status_code == 200, f"{name} cannot sign in: {answer.status_code} {answer.text}"
            client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
            self._clients[name] = client
        return self._clients[name]

    async def leave(self) -> None:
        """Close every client."""
        for client in self._clients.values():
            await client.aclose()


async def signed_in(base_url: str, password: str) -> AsyncIterator[People]:
    """Everyone of one suite, for the length of a session."""
    people = People(base_url, password)
    try:
        yield people
    finally:
        await people.leave()
