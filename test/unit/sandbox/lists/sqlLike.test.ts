import { expect, it } from 'vitest'
import { createLikeMatcher } from '../../../../src/sandbox/lists/sqlLike.ts'

it.each([
  { pattern: 'Weekly sync', text: 'Weekly sync', holds: true },
  { pattern: 'weekly sync', text: 'Weekly sync', holds: false },
  { pattern: 'Week%', text: 'Weekly sync', holds: true },
  { pattern: '%e%sync', text: 'Weekly sync', holds: true },
  { pattern: '%sync', text: 'Weekly sync', holds: true },
  { pattern: '%sync', text: 'Weekly syncs', holds: false },
  { pattern: '%kly%', text: 'Weekly sync', holds: true },
  { pattern: 'kly%', text: 'Weekly sync', holds: false },
  { pattern: '%_', text: '', holds: false },
  { pattern: '%%', text: 'any', holds: true },
  { pattern: 'W_ekly%', text: 'Weekly sync', holds: true },
  { pattern: 'Weekly sync_', text: 'Weekly sync', holds: false },
  { pattern: '%', text: '', holds: true },
  { pattern: '', text: '', holds: true },
  { pattern: '', text: 'a', holds: false },
  { pattern: '%', text: null, holds: false },
  { pattern: '', text: null, holds: false },
  { pattern: '100\\% sure', text: '100% sure', holds: false },
  { pattern: '%a%a%a%a%a%a%a%b', text: 'a'.repeat(5_000), holds: false },
])('createLikeMatcher: $text LIKE "$pattern" is $holds', ({ pattern, text, holds }) => {
  expect(createLikeMatcher(pattern)(text)).toBe(holds)
})
