import type { Seat, Version } from './replicaBus.ts'

/** What one who leads tells the others: numbered states, and which of their questions each of them answers. */
export class Lead<S> {
  readonly #seat: Pick<Seat, 'publish'>
  readonly #asked = new Set<string>()
  #version: Version = [0, 0]
  /** The state that was published last. */
  #text = ''

  constructor(seat: Pick<Seat, 'publish'>) {
    this.#seat = seat
  }

  begin(term: number): void {
    this.#version = [term, 0]
    this.#text = ''
  }

  /** Whoever leads next is asked anew. */
  end(): void {
    this.#asked.clear()
  }

  /** What is to be answered by a look that begins now. It stays until it is: a look may fail. */
  get asked(): readonly string[] {
    return [...this.#asked]
  }

  /** False where a look for it is due already. */
  ask(question: string): boolean {
    if (this.#asked.has(question)) return false
    this.#asked.add(question)
    return true
  }

  publish(state: S, answers: readonly string[]): void {
    for (const question of answers) this.#asked.delete(question)
    const text = JSON.stringify(state)
    const isNew = text !== this.#text
    const [term, look] = this.#version
    this.#text = text
    this.#version = [term, isNew ? look + 1 : look]
    this.#seat.publish(this.#version, text, isNew, answers)
  }
}
