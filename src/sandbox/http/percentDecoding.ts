/** Decodes what is well-formed and keeps the rest as it stands: a broken escape is never an error, a broken UTF-8 sequence becomes U+FFFD. */
export const percentDecoded = (text: string): string =>
  text.replace(/(?:%[0-9a-f]{2})+/gi, escapes => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'))

/**
 * What is left of a decoded query value behind a `.json` path: the server writes the query anew and reads it again, and
 * in doing so takes a `%41` in the value for an escape. Characters outside the BMP are lost on the way, because each
 * half of their surrogate pair is encoded for itself: three bytes of broken UTF-8 each.
 */
export const decodedAgain = (value: string): string =>
  percentDecoded(value.replace(/[\ud800-\udfff]/g, '\ufffd\ufffd\ufffd'))
