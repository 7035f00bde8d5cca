import type { Worker } from 'node:cluster'
import type { ShutdownReason } from './shutdown.ts'

/** Message of a serving worker to the primary. */
export type Heartbeat = { readonly kind: 'heartbeat' }
/** Message of the primary to a serving worker. */
export type ShutdownRequest = { readonly kind: 'shut down'; readonly reason: ShutdownReason }

const HEARTBEAT_INTERVAL_MS = 1_000

/** Starts the heartbeat of a serving worker. Calls `shutDown` if the primary requests a shutdown or ends. */
export function connectToPrimary(worker: Worker, shutDown: (reason: ShutdownReason) => void): void {
  // The first heartbeat reports that the worker serves. The callback ignores failures, because the primary can end.
  const sendHeartbeat = () => worker.send({ kind: 'heartbeat' } satisfies Heartbeat, () => undefined)
  worker.on('message', (message: ShutdownRequest) => {
    if (message.kind === 'shut down') shutDown(message.reason)
  })
  worker.on('disconnect', () => {
    // Prevents the immediate exit by Node, which would cut off active requests.
    worker.exitedAfterDisconnect = true
    shutDown('primary ended')
  })
  setInterval(sendHeartbeat, HEARTBEAT_INTERVAL_MS).unref()
  sendHeartbeat()
}
