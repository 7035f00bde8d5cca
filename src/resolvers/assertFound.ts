/** The other end of a reference that Restcomm itself gave. */
export const existing = <T>(found: T | null): T => {
  if (found === null) throw new Error('Restcomm refers to something that it does not have.')
  return found
}
