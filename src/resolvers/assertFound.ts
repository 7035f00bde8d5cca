/** For objects referenced by a response of Restcomm. `description` names the object, for example `account AC…`. */
export function assertFound<T>(object: T | null, description: string): T {
  if (object === null) throw new Error(`Restcomm refers to ${description}, but answers that it does not exist.`)
  return object
}
