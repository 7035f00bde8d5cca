import type { QueryResolvers } from '../generated/types.ts'
import { existing } from './assertFound.ts'
import { node, nodes } from './node.ts'

export const Query: QueryResolvers = {
  node,
  nodes,
  viewer: async (_root, _args, { loaders, viewerSid }) => existing(await loaders.account.load(await viewerSid())),
  account: (_root, { sid }, { loaders }) => loaders.account.load(sid),
  conference: (_root, { sid, accountSid }, { loaders, viewerSid }) =>
    accountSid === null || accountSid === undefined
      ? viewerSid().then(own => loaders.conference.load({ accountSid: own, sid }))
      : loaders.conference.load({ accountSid, sid }),
  conferences: async (_root, { accountSid, ...args }, { loaders, viewerSid, checkAccount }) => {
    // Whose they are may have to be asked; where it is said, the list itself checks in time.
    if (!accountSid) loaders.conferences.check(args)
    const owner = accountSid ?? (await viewerSid())
    // A page of no rows is not read.
    checkAccount(owner)
    return loaders.conferences.connection(owner, args)
  },
}
