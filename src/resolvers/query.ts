import type { QueryResolvers } from '../generated/types.ts'
import { assertFound } from './assertFound.ts'
import { node, nodes } from './node.ts'

export const Query: QueryResolvers = {
  node,
  nodes,
  viewer: async (_root, _args, { loaders, resolveViewerSid }) => {
    const sid = await resolveViewerSid()
    return assertFound(await loaders.account.load(sid), `account ${sid}`)
  },
  account: (_root, { sid }, { loaders }) => loaders.account.load(sid),
  conference: (_root, { sid, accountSid }, { loaders, resolveViewerSid }) =>
    accountSid === null || accountSid === undefined
      ? resolveViewerSid().then(viewer => loaders.conference.load({ accountSid: viewer, sid }))
      : loaders.conference.load({ accountSid, sid }),
  conferences: async (_root, { accountSid, ...args }, { loaders, resolveViewerSid, assertAccountAllowed }) => {
    // `resolveViewerSid` may send a request, so the arguments are validated first.
    if (!accountSid) loaders.conferences.validate(args)
    const owner = accountSid ?? (await resolveViewerSid())
    // If a list of 0 rows is requested, no request reaches Restcomm, so Restcomm cannot check the permission.
    assertAccountAllowed(owner)
    return loaders.conferences.connection(owner, args)
  },
}
