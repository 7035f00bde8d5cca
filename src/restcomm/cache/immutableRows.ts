import { type Call, type Conference, isFinal, isOver } from '../../model.ts'
import { isCall, isConference } from '../../modelGuards.ts'
import type { Caller } from '../principal.ts'
import type { RowCache } from './cache.ts'

interface Key {
  readonly accountSid: string
  readonly sid: string
}

/** Who reads; see `Caller`. */
type Reader = Pick<Caller, 'credential' | 'accounts'>

/** A noun whose rows cannot change any more once they are final. */
export interface FinalNoun<T extends Key> {
  readonly isFinal: (row: T) => boolean
  readonly isRow: (value: unknown) => value is T
}

export const CONFERENCE: FinalNoun<Conference> = { isFinal, isRow: isConference }
export const CALL: FinalNoun<Call> = { isFinal: isOver, isRow: isCall }

/** The rows that cannot change any more, as one credential has seen them. Make one for each request. */
export class FinalRows {
  readonly #cache: RowCache
  readonly #reader: Reader
  /** What the other replicas were asked for in vain, and need not be again. Null where they are not asked. */
  readonly #missed: Set<string> | null

  /** `asksReplicas` is whether what other replicas have kept counts as well. */
  constructor(cache: RowCache, reader: Reader, asksReplicas: boolean) {
    this.#cache = cache
    this.#reader = reader
    this.#missed = asksReplicas && cache.shared !== null ? new Set() : null
  }

  /** Kept by the owner's SID, whichever account's list it came with. */
  keep<T extends Key>(noun: FinalNoun<T>, row: T): void {
    if (!this.#cache.keepsRows || !noun.isFinal(row)) return
    const name = this.#nameOf(row)
    if (!this.#cache.keepRow(name, row)) return
    this.#cache.shared?.write(name, JSON.stringify(row), this.#cache.options.finalMs)
  }

  /** What is kept of these; null for what has to be read. */
  async find<T extends Key>(noun: FinalNoun<T>, keys: readonly Key[]): Promise<(T | null)[]> {
    const { accounts } = this.#reader
    // What a caller may not ask for is not answered from memory either.
    const isKept = this.#cache.keepsRows && keys.every(({ accountSid }) => accounts?.has(accountSid) !== false)
    if (!isKept) return keys.map(() => null)
    const names = keys.map(key => this.#nameOf(key))
    // A name has one credential and one SID in it, so what is kept under it is of this kind.
    const found = names.map(name => (this.#cache.row(name) as T | undefined) ?? null)
    this.#cache.counted('hits', found.filter(row => row !== null).length)
    if (this.#missed !== null) await this.#askReplicas(noun, names, keys, found, this.#missed)
    return found
  }

  async #askReplicas<T extends Key>(
    noun: FinalNoun<T>,
    names: readonly string[],
    keys: readonly Key[],
    found: (T | null)[],
    missed: Set<string>,
  ): Promise<void> {
    const absent = names.filter((name, i) => found[i] === null && !missed.has(name))
    if (absent.length === 0) return
    const shared = await this.#cache.shared?.read(absent)
    for (const [i, name] of absent.entries()) {
      const at = names.indexOf(name)
      const [key, kept] = [keys[at], shared?.[i] ?? null]
      const row = key === undefined || kept === null ? null : rowOf(noun, key, kept.text)
      if (kept === null || row === null) {
        missed.add(name)
      } else {
        found[at] = row
        this.#cache.keepSharedRow(name, row, kept.leftMs)
        this.#cache.counted('sharedHits')
      }
    }
  }

  #nameOf({ accountSid, sid }: Key): string {
    return `${this.#reader.credential} ${accountSid}/${sid}`
  }
}

/** Null for a text that is no such row, be it that another version of the gateway wrote it. */
const rowOf = <T extends Key>(noun: FinalNoun<T>, key: Key, text: string): T | null => {
  try {
    const value: unknown = JSON.parse(text)
    const isThis = noun.isRow(value) && value.sid === key.sid && value.accountSid === key.accountSid
    return isThis && noun.isFinal(value) ? value : null
  } catch {
    return null
  }
}
