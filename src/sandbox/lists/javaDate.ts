import { Refusal } from '../http/response.ts'

const DAY = /^[ \t]*(-?\d+)-[ \t]*(-?\d+)-[ \t]*(-?\d+)/

/**
 * Midnight UTC of a day written year-month-day, read as leniently as the server does: months and days roll over, a year
 * may have two digits (and is then that year), what follows the day is ignored. Anything else is a 400.
 */
export const javaDate = (text: string): Date => {
  const [match, year, month, day] = DAY.exec(text) ?? []
  if (match === undefined) throw new Refusal(400)
  const moment = new Date(0)
  moment.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  if (Number.isNaN(moment.getTime())) throw new Refusal(400)
  return moment
}

export const dayAfter = (moment: Date): Date => new Date(moment.getTime() + 86_400_000)
