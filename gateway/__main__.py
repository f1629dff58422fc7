"""`python -m gateway`: serve everyone; open streams end when the process is asked to."""

from __future__ import annotations

from types import FrameType

import uvicorn

from gateway.app import service
from shared import logs
from shared.settings import Settings


class Server(uvicorn.Server):
    """Closes the event streams at once: they would hold the shutdown up until its limit."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Tell the streams first, then stop as usual."""
        self.config.app.state.gate.hub.close()  # type: ignore[union-attr]
        super().handle_exit(sig, frame)


def main() -> None:
    """Serve until told to stop."""
    settings = Settings.load(service.name)
    logs.set_up(service.name, settings.log)
    config = uvicorn.Config(
        service.app(settings), host=settings.host, port=settings.port, log_config=None,
        access_log=False, server_header=False, date_header=False, timeout_graceful_shutdown=10,
        timeout_keep_alive=75, h11_max_incomplete_event_size=64 << 10,
    )
    Server(config).run()


if __name__ == "__main__":
    main()
