/** Throws if an object to which Restcomm refers does not exist. `description` is, for example, `account AC…`. */
export function assertFound<T>(object: T | null, description: string): T {
  if (object === null) throw new Error(`Restcomm refers to ${description}, but answers that it does not exist.`)
  return object
}
