import type { DocumentNode } from 'graphql'
import type { Plugin } from 'graphql-yoga'

type Result = Parameters<Parameters<NonNullable<Plugin['onValidate']>>[0]['setResult']>[0]

/**
 * Plugins whose say in what is wrong with a document is asked for once, for as long as the document is kept: it must follow
 * from the document alone. Yoga's own cache asks them each time, and finds what it has kept by the names of all rules.
 */
export const validateOnce = (...plugins: readonly Plugin[]): readonly Plugin[] => {
  const results = new WeakMap<DocumentNode, Result>()
  const once: Plugin = {
    onValidate: payload => {
      const { documentAST } = payload.params
      const known = results.get(documentAST)
      if (known !== undefined) {
        payload.setResult(known)
        return undefined
      }
      for (const { onValidate } of plugins) onValidate?.(payload)
      return ({ result }) => {
        results.set(documentAST, result as Result)
      }
    },
  }
  return [once, ...plugins.map(({ onValidate: _once, ...others }) => others)]
}
