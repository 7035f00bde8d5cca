import { Refusal } from '../http/response.ts'

const NUMBER = /^[+-]?\p{Nd}+$/u
const OUTSIDE_BMP = /[\ud800-\udfff]/
const DIGIT = /\p{Nd}/u

// The digits of a script stand in a row of ten, so the distance to where the row begins is the value.
const digitValue = (digit: string): number => {
  const code = digit.charCodeAt(0)
  let zero = code
  while (DIGIT.test(String.fromCharCode(zero - 1))) zero -= 1
  return (code - zero) % 10
}

/**
 * A 32-bit number as the server reads it: a sign, leading zeros and the digits of any script pass, anything else (also
 * nothing, a space, a fraction or a number too large) is a 500.
 */
export const javaInteger = (text: string): number => {
  if (!NUMBER.test(text) || OUTSIDE_BMP.test(text)) throw new Refusal(500)
  const digits = text.replace(/^[+-]/, '').replace(/\P{ASCII}/gu, digit => String(digitValue(digit)))
  const value = text.startsWith('-') ? 0 - Number(digits) : Number(digits)
  if (value > 2_147_483_647 || value < -2_147_483_648) throw new Refusal(500)
  return value
}
