import { z } from 'zod'

// The description of each type is the end of the error message: `PORT is "abc": expected <description>.`

export function integer(min: number, max: number, fallback: number) {
  return integerText(min, max).default(fallback).describe(`an integer from ${min} to ${max}`)
}

export function optionalInteger(min: number, max: number) {
  return integerText(min, max).optional().describe(`an integer from ${min} to ${max}`)
}

function integerText(min: number, max: number) {
  return z
    .string()
    .regex(/^\d+$/)
    .transform(Number)
    .refine(value => value >= min && value <= max)
}

export function integerOrAuto(max: number, fallback: number) {
  return z
    .string()
    .regex(/^(auto|[1-9]\d*)$/)
    .transform(text => (text === 'auto' ? ('auto' as const) : Number(text)))
    .refine(value => value === 'auto' || value <= max)
    .default(fallback)
    .describe(`auto or an integer from 1 to ${max}`)
}

export function oneOf<const T extends readonly [string, ...string[]]>(values: T, fallback: T[number]) {
  return z
    .enum(values)
    .default(fallback)
    .describe(`one of ${values.join(', ')}`)
}

export function boolean(fallback: boolean) {
  return trueOrFalse().default(fallback).describe('true or false')
}

/** If the setting is unset, the parsed value is undefined. `readConfig` computes the default. */
export function optionalBoolean() {
  return trueOrFalse().optional().describe('true or false')
}

function trueOrFalse() {
  return z.enum(['true', 'false']).transform(text => text === 'true')
}
