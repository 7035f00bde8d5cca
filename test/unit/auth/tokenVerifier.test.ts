import { expect, it } from 'vitest'
import { permittedActions } from '../../../src/auth/tokenVerifier.ts'

it.each([
  [{}, null],
  [{ scope: 'openid profile' }, null],
  [{ scope: '' }, null],
  [{ scope: 5, scp: null }, null],
  [{ scope: 'openid restcomm:read' }, []],
  [{ scope: 'restcomm:mute' }, ['mute']],
  [{ scope: 'restcomm:hangup restcomm:mute openid' }, ['mute', 'hangup']],
  [{ scope: ['openid', 'restcomm:hangup'] }, ['hangup']],
  [{ scp: 'restcomm:mute' }, ['mute']],
  [{ scp: ['restcomm:read', 'restcomm:hangup'] }, ['hangup']],
  [{ scope: 'restcomm:mute', scp: ['restcomm:hangup'] }, ['mute', 'hangup']],
  [{ scope: 'restcomm:unknown' }, []],
  [{ scope: 'restcomm:MUTE' }, []],
  [{ scope: 'restcomm:mute2' }, []],
  [{ scope: 'Restcomm:read' }, []],
  [{ scope: 'openid\trestcomm:read' }, []],
  [{ scope: 'openid,restcomm:mute' }, ['mute']],
  [{ scp: [['restcomm:read']] }, []],
])('permittedActions reads the scopes of a token: %j', (claims, expected) => {
  expect(permittedActions(claims)).toEqual(expected)
})
