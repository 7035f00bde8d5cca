/** The `id` of an object, computed without the tested code. */
export function nodeIdOf(type: string, ...keys: readonly string[]): string {
  return Buffer.from([type, ...keys].join(':')).toString('base64url')
}
