import type { Call, ConferenceKey } from '../model.ts'
import { Connection } from '../relay/connection.ts'
import { listFingerprint } from '../relay/cursor.ts'
import { anchoredWindow, pageByAnchor } from '../relay/offsetConnection.ts'
import { type ConnectionArguments, type PageLimits, windowOf } from '../relay/connectionArgs.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { type AnchorListener, PageReader } from './pageReader.ts'

/** The calls of conferences in one request. Fields that ask for the same list share what is read of it. */
export class CallLists {
  readonly #client: RestcommClient
  readonly #limits: PageLimits
  readonly #onRows: (rows: readonly Call[]) => void
  readonly #onAnchor: AnchorListener
  readonly #readers = new Map<string, PageReader<Call>>()

  constructor(
    client: RestcommClient,
    limits: PageLimits,
    onRows: (rows: readonly Call[]) => void,
    onAnchor: AnchorListener,
  ) {
    this.#client = client
    this.#limits = limits
    this.#onRows = onRows
    this.#onAnchor = onAnchor
  }

  connection(conference: ConferenceKey, args: ConnectionArguments): Connection<Call> {
    const fingerprint = listFingerprint('calls', conference.accountSid, conference.sid)
    const window = anchoredWindow(windowOf(args, this.#limits), fingerprint)
    const reader = this.#reader(fingerprint, conference)
    return new Connection({ window, page: () => pageByAnchor(reader, window), totalCount: () => reader.total() })
  }

  /** For when what was read of the lists does not hold any more. */
  forget(): void {
    this.#readers.clear()
  }

  #reader(list: string, conference: ConferenceKey): PageReader<Call> {
    let reader = this.#readers.get(list)
    if (reader === undefined) {
      reader = new PageReader(this.#client.callsOf(conference), call => call.sid, this.#onRows, this.#onAnchor)
      this.#readers.set(list, reader)
    }
    return reader
  }
}
