import type { DocumentNode } from 'graphql'
import type { Plugin } from 'graphql-yoga'

type ValidationResult = Parameters<Parameters<NonNullable<Plugin['onValidate']>>[0]['setResult']>[0]

/**
 * Caches the validation result of each document. The `onValidate` hooks of `plugins` run only for new documents, so the
 * hooks must depend only on the document.
 */
export function useValidationCache(...plugins: readonly Plugin[]): readonly Plugin[] {
  const results = new WeakMap<DocumentNode, ValidationResult>()
  const cachingPlugin: Plugin = {
    onValidate: payload => {
      const { documentAST } = payload.params
      const cached = results.get(documentAST)
      if (cached !== undefined) {
        payload.setResult(cached)
        return undefined
      }
      for (const { onValidate } of plugins) onValidate?.(payload)
      return ({ result }) => {
        results.set(documentAST, result as ValidationResult)
      }
    },
  }
  return [cachingPlugin, ...plugins.map(({ onValidate: _onValidate, ...hooks }) => hooks)]
}
