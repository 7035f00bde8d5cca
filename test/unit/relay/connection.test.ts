import { describe, expect, it } from 'vitest'
import { parseConnectionArgs } from '../../../src/relay/connection.ts'

const LIMITS = { defaultPageSize: 50, maxPageSize: 500 }

describe('parseConnectionArgs', () => {
  it.each([
    { args: {}, direction: 'forward', size: 50 },
    { args: { first: 7 }, direction: 'forward', size: 7 },
    { args: { first: 0 }, direction: 'forward', size: 0 },
    { args: { last: 3 }, direction: 'backward', size: 3 },
    { args: { last: 500 }, direction: 'backward', size: 500 },
    { args: { first: null, last: null, before: 'x' }, direction: 'forward', size: 50 },
    { args: { last: 0, first: null }, direction: 'backward', size: 0 },
  ])('parseConnectionArgs parses $args as $size edges $direction', ({ args, direction, size }) => {
    expect(parseConnectionArgs(args, LIMITS)).toMatchObject({ direction, size })
  })

  it.each([
    { args: { first: 1, last: 1 }, message: '`first` and `last` cannot be combined: use either `first` or `last`.' },
    { args: { first: 0, last: 0 }, message: '`first` and `last` cannot be combined: use either `first` or `last`.' },
    { args: { first: -1 }, message: '`first: -1` is negative: expected 0 to 500.' },
    { args: { last: -5 }, message: '`last: -5` is negative: expected 0 to 500.' },
    {
      args: { first: 501 },
      message: '`first: 501` exceeds the page size limit: expected at most 500 (MAX_PAGE_SIZE).',
    },
    { args: { last: 501 }, message: '`last: 501` exceeds the page size limit: expected at most 500 (MAX_PAGE_SIZE).' },
  ])('parseConnectionArgs rejects $args', ({ args, message }) => {
    expect(() => parseConnectionArgs(args, LIMITS)).toThrow(
      expect.objectContaining({ message, extensions: { code: 'BAD_USER_INPUT' } }),
    )
  })
})
