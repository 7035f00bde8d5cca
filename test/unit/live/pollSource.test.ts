import { expect, it } from 'vitest'
import { isPermanentError } from '../../../src/live/pollSource.ts'
import { RestcommError } from '../../../src/restcomm/errors.ts'
import { badUserInput } from '../../../src/userInputError.ts'

it.each([
  { name: 'missing permission', error: new RestcommError('forbidden', 'No.'), before: true, after: true },
  { name: 'rejected credentials', error: new RestcommError('unauthenticated', 'No.'), before: true, after: true },
  { name: 'an unreachable server', error: new RestcommError('unavailable', 'No.'), before: false, after: false },
  { name: 'an unknown account', error: new RestcommError('notFound', 'No.'), before: true, after: false },
  { name: 'an unknown conference', error: badUserInput('No.'), before: true, after: false },
])(
  'isPermanentError of $name is $before before the first state and $after after a state',
  ({ error, before, after }) => {
    expect([isPermanentError(error, false), isPermanentError(error, true)]).toEqual([before, after])
  },
)
