import { HttpError } from '../http/response.ts'

const DAY = /^[ \t]*(-?\d+)-[ \t]*(-?\d+)-[ \t]*(-?\d+)/

/**
 * Returns midnight UTC of a day in the form year-month-day. Ignores text after the day. Like Restcomm, accepts months
 * and days out of range: month 13 is January of the next year. Throws 400 for invalid text.
 */
export function parseJavaDate(text: string): Date {
  const [match, year, month, day] = DAY.exec(text) ?? []
  if (match === undefined) throw new HttpError(400)
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  if (Number.isNaN(date.getTime())) throw new HttpError(400)
  return date
}

export function nextDay(date: Date): Date {
  return new Date(date.getTime() + 86_400_000)
}
