import type { Call, ConferenceKey } from '../model.ts'
import { Connection } from '../relay/connection.ts'
import { type ConnectionArgs, type PageLimits, parseConnectionArgs } from '../relay/connectionArgs.ts'
import { listFingerprint } from '../relay/cursor.ts'
import { parseOffsetWindow, readOffsetPage } from '../relay/offsetConnection.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { PageReader } from './pageReader.ts'

/** Call lists of a GraphQL request. Fields which select the same list share the pages already read. */
export class CallLists {
  readonly #client: RestcommClient
  readonly #limits: PageLimits
  readonly #onRows: (rows: readonly Call[]) => void
  readonly #readers = new Map<string, PageReader<Call>>()

  constructor(client: RestcommClient, limits: PageLimits, onRows: (rows: readonly Call[]) => void) {
    this.#client = client
    this.#limits = limits
    this.#onRows = onRows
  }

  connection(conference: ConferenceKey, args: ConnectionArgs): Connection<Call> {
    const fingerprint = listFingerprint('calls', conference.accountSid, conference.sid)
    const window = parseOffsetWindow(parseConnectionArgs(args, this.#limits), fingerprint)
    const reader = this.#reader(fingerprint, conference)
    return new Connection({ window, page: () => readOffsetPage(reader, window), totalCount: () => reader.total() })
  }

  /** Discards all pages, which may be outdated after a mutation. */
  clear(): void {
    this.#readers.clear()
  }

  #reader(fingerprint: string, conference: ConferenceKey): PageReader<Call> {
    let reader = this.#readers.get(fingerprint)
    if (reader === undefined) {
      reader = new PageReader(this.#client.conferenceCalls(conference), call => call.sid, this.#onRows)
      this.#readers.set(fingerprint, reader)
    }
    return reader
  }
}
