import { setTimeout as sleep } from 'node:timers/promises'
import type { WebSocket } from 'ws'

/** What WebSockets are told that end since this gateway does. */
export const STOPPING = 'The gateway is about to stop.'
/** Of a WebSocket: "going away". */
const GOING_AWAY = 1001
/** How long a client may take to agree that its connection is closed. Milliseconds. */
const CLOSING = 1_000
/** Between two looks at whether what is under way on a connection is done. Milliseconds. */
const LOOKING = 20

/** Closes each connection as soon as nothing is under way on it. */
export const closeOnceIdle = async (
  clients: Iterable<WebSocket>,
  isBusy: (client: WebSocket) => boolean,
): Promise<void> => {
  for (let open = [...clients]; open.length > 0; ) {
    const busy: WebSocket[] = []
    for (const client of open) {
      if (!isBusy(client)) close(client)
      else if (client.readyState === client.OPEN) busy.push(client)
    }
    open = busy
    if (open.length > 0) await sleep(LOOKING)
  }
}

const close = (client: WebSocket): void => {
  client.close(GOING_AWAY, STOPPING)
  setTimeout(() => client.terminate(), CLOSING).unref()
}
