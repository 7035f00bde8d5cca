import { setTimeout as sleep } from 'node:timers/promises'
import type { WebSocket } from 'ws'

export const SHUTDOWN_MESSAGE = 'The gateway is shutting down: connect again.'
/** WebSocket close code (RFC 6455, 7.4.1). */
const GOING_AWAY = 1001
/** Maximum time for the closing handshake. Afterwards, the gateway terminates the connection. */
const CLOSE_TIMEOUT_MS = 1_000
const CHECK_INTERVAL_MS = 20

export async function drainSockets(
  clients: Iterable<WebSocket>,
  isBusy: (client: WebSocket) => boolean,
): Promise<void> {
  for (let open = [...clients]; open.length > 0; ) {
    const busy: WebSocket[] = []
    for (const client of open) {
      if (!isBusy(client)) close(client)
      else if (client.readyState === client.OPEN) busy.push(client)
    }
    open = busy
    if (open.length > 0) await sleep(CHECK_INTERVAL_MS)
  }
}

function close(client: WebSocket): void {
  client.close(GOING_AWAY, SHUTDOWN_MESSAGE)
  setTimeout(() => client.terminate(), CLOSE_TIMEOUT_MS).unref()
}
