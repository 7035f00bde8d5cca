/** The `id` of an object by what it is made of. Beside the gateway's own way to make one, which is what is tested. */
export const idOf = (type: string, ...keys: readonly string[]): string =>
  Buffer.from([type, ...keys].join(':')).toString('base64url')
