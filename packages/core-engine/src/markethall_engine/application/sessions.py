"""Connections that orders are to end with: cancel on disconnect.

An order says in the journal which session it ends with, so that the end of the engine is the end of every
session too: what a crash left over is ended before the next calls are taken up.
"""

import asyncio
import secrets

from markethall_common.logs import logger
from markethall_engine.application.sequencer import EngineStopped, QueueFull, Sequencer
from markethall_engine.domain.commands import EndSession
from markethall_engine.domain.exchange import Exchange


class Sessions:
    """Begins and ends sessions; ending one is a command like any other."""

    def __init__(self, exchange: Exchange, sequencer: Sequencer) -> None:
        self._exchange = exchange
        self._sequencer = sequencer
        self._ending: set[asyncio.Task[None]] = set()

    def begin(self) -> str:
        """Return an id that no session had before."""
        return f"session-{secrets.token_hex(8)}"

    def end(self, session_id: str) -> None:
        """Have the session's live orders canceled, after every command that was submitted before."""
        ending = asyncio.create_task(self._end(session_id), name=session_id)
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    async def ended(self) -> None:
        """Wait until the sessions that were to end have ended."""
        if self._ending:
            await asyncio.wait(self._ending)

    async def end_left_over(self) -> None:
        """End the sessions that the last run of the engine did not. Raises `EngineStopped`."""
        session_ids = self._exchange.sessions()
        await self._sequencer.submit([EndSession(session_id) for session_id in session_ids])
        for session_id in session_ids:
            logger.info("session_ended", session_id=session_id, reason="the engine ended")

    async def _end(self, session_id: str) -> None:
        while True:
            try:
                await self._sequencer.submit((EndSession(session_id),))
            except QueueFull:
                await self._sequencer.submit(())  # takes no room, and its turn when there is some
            except EngineStopped:
                return  # the next start ends it
            else:
                logger.info("session_ended", session_id=session_id, reason="disconnected")
                return
