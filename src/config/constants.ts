/**
 * Values of the configuration which are not settings, because deployments need no other values. `readConfig` adds the
 * values to the configuration, so that tests can change them there.
 */
export const CONSTANTS = {
  /** A worker that takes longer is assumed to hang. */
  workers: { startTimeoutMs: 30_000 },
  connections: {
    /** Enough for a body of the default `MAX_BODY_BYTES` at 300 kbit/s. */
    receiveTimeoutMs: 30_000,
    /** A client must read 64 KiB, or everything, in this time. Longer than usual gaps in mobile reception. */
    sendTimeoutMs: 30_000,
    /** Bounds the memory of a process. More clients need more workers or replicas. */
    maxConnections: 20_000,
  },
  /** Half of the default `REQUEST_TIMEOUT_MS`. */
  log: { slowOperationMs: 5_000 },
  restcomm: {
    /** Bounds the memory of the queue. `REQUEST_TIMEOUT_MS` limits the time in the queue. */
    maxQueued: 10_000,
    /** Time limit of a command. Restcomm's call manager waits 10 s for a call. */
    commandTimeoutMs: 15_000,
    /** Bounds the memory of a response, also while parsed. A page of 1,000 rows is less than a third as large. */
    maxBodyBytes: 4_194_304,
  },
  /** Also the time during which credentials revoked by Restcomm can still read cached rows. */
  cache: { immutableTtlMs: 3_600_000 },
  pages: { defaultPageSize: 50 },
  /** Several times the values of large queries of applications, and of documents merged from hundreds of look-ups. */
  queries: { maxAliases: 200, maxDefers: 50, maxTokens: 20_000, maxReferences: 1_000 },
  operations: {
    /** Queries and mutations. Bounds the memory of running operations, and is many times `RESTCOMM_CONNECTIONS`. */
    maxOperations: 2_000,
    /** Half of the operations of a new client fit, such as a busy client after a restart of the gateway. */
    maxUnverifiedOperations: 500,
    /** Half of `maxConnections`. Bounds the memory of event queues. */
    maxSubscriptions: 10_000,
    /** A tenth. One client alone may have half of them before Restcomm accepts the credentials. */
    maxUnverifiedSubscriptions: 1_000,
    /** Data of all slow readers together. Eight answers of the default `MAX_RESPONSE_BYTES`. */
    maxUnsentBytes: 134_217_728,
  },
  live: {
    /** Shorter outages of Restcomm, such as a restart of its database, remain invisible for subscribers. */
    graceMs: 10_000,
    /** A snapshot replaces a longer queue, and is smaller. */
    maxQueuedEvents: 100,
    /** Clients with more subscriptions open a further connection. */
    maxSubscriptionsPerConnection: 100,
  },
}
