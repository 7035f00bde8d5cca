import type { Plugin } from 'graphql-yoga'
import type { AuthMode } from '../../auth/authenticator.ts'
import { challengeFor } from '../../auth/challenge.ts'

export function useChallenge(authMode: AuthMode): Plugin {
  return {
    onResponse: ({ request, response }) => {
      const challenge = response.status === 401 ? challengeFor(authMode, name => request.headers.has(name)) : null
      if (challenge !== null) response.headers.set('www-authenticate', challenge)
    },
  }
}
