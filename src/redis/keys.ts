/** What is called how in Redis, for one Restcomm: the `name` is that of a watch. */
export class Names {
  readonly #prefix: string

  constructor(prefix: string) {
    this.#prefix = prefix
  }

  /** The channel of what is done to conferences. */
  get nudges(): string {
    return `${this.#prefix}nudges`
  }

  /** Who looks. */
  lease(name: string): string {
    return `${this.#prefix}lease:${name}`
  }

  /** What was seen last. */
  seen(name: string): string {
    return `${this.#prefix}seen:${name}`
  }

  /** The channel of those who watch. */
  channel(name: string): string {
    return `${this.#prefix}watch:${name}`
  }
}
