import { HttpError } from '../http/response.ts'

const NUMBER = /^[+-]?\p{Nd}+$/u
const OUTSIDE_BMP = /[\ud800-\udfff]/
const DIGIT = /\p{Nd}/u

// In each script, the ten digits have consecutive Unicode values. The value of a digit is the distance to the zero.
function digitValue(digit: string): number {
  const code = digit.charCodeAt(0)
  let zero = code
  while (DIGIT.test(String.fromCharCode(zero - 1))) zero -= 1
  return (code - zero) % 10
}

/**
 * Like Restcomm, parses a 32-bit integer by Java's rules: a sign, leading zeros and BMP digits of any script are valid.
 * Throws 500 for all other text, such as an empty string, a space, a fraction or a number out of range.
 */
export function parseJavaInteger(text: string): number {
  if (!NUMBER.test(text) || OUTSIDE_BMP.test(text)) throw new HttpError(500)
  const digits = text.replace(/^[+-]/, '').replace(/\P{ASCII}/gu, digit => String(digitValue(digit)))
  const value = text.startsWith('-') ? 0 - Number(digits) : Number(digits)
  if (value > 2_147_483_647 || value < -2_147_483_648) throw new HttpError(500)
  return value
}
