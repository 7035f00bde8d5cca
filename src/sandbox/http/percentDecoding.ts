/** Decodes escapes like `%41`. Does not change invalid escapes. Invalid UTF-8 becomes U+FFFD. */
export function decodePercent(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, escapes =>
    Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'),
  )
}

/**
 * Decodes a query value a second time. If the path has the suffix `.json`, Restcomm writes the decoded query without
 * escaping `%` and parses the result, so `%41` in a value becomes `A`. Characters outside the BMP are lost: Restcomm
 * writes each half of a surrogate pair as three bytes of invalid UTF-8, and each byte is decoded to U+FFFD.
 */
export function decodeTwice(value: string): string {
  return decodePercent(value.replace(/[\ud800-\udfff]/g, '\ufffd\ufffd\ufffd'))
}
