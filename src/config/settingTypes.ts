import { z } from 'zod'

/** A whole number. The description ends the sentence that refuses another value, as it does for all kinds. */
export const whole = (minimum: number, maximum: number, fallback: number) =>
  z
    .string()
    .regex(/^\d+$/)
    .transform(Number)
    .refine(value => value >= minimum && value <= maximum)
    .default(fallback)
    .describe(`a whole number from ${minimum} to ${maximum}`)

/** The same, where there need not be one. */
export const optionalWhole = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d+$/)
    .transform(Number)
    .refine(value => value >= minimum && value <= maximum)
    .optional()
    .describe(`a whole number from ${minimum} to ${maximum}`)

/** A whole number from 1 on, or `auto`. */
export const wholeOrAuto = (maximum: number, fallback: number) =>
  z
    .string()
    .regex(/^(auto|[1-9]\d*)$/)
    .transform(text => (text === 'auto' ? ('auto' as const) : Number(text)))
    .refine(value => value === 'auto' || value <= maximum)
    .default(fallback)
    .describe(`auto or a whole number from 1 to ${maximum}`)

export const oneOf = <const T extends readonly [string, ...string[]]>(values: T, fallback: T[number]) =>
  z
    .enum(values)
    .default(fallback)
    .describe(`one of ${values.join(', ')}`)

export const flag = (fallback: boolean) => trueOrFalse().default(fallback).describe('true or false')

/** Where what holds without it depends on other settings. */
export const flagOrUnset = () => trueOrFalse().optional().describe('true or false')

const trueOrFalse = () => z.enum(['true', 'false']).transform(text => text === 'true')
