import { expect, it } from 'vitest'
import { acceptHeaderForYoga, negotiate } from '../../../src/graphql/contentNegotiation.ts'

const JSON_TYPE = 'application/json'
const GRAPHQL = 'application/graphql-response+json'
const MULTIPART = 'multipart/mixed'
const EVENTS = 'text/event-stream'

it.each([
  [undefined, JSON_TYPE, MULTIPART, EVENTS],
  ['', JSON_TYPE, MULTIPART, EVENTS],
  ['*/*', JSON_TYPE, MULTIPART, EVENTS],
  ['application/*', JSON_TYPE, null, null],
  ['APPLICATION/JSON', JSON_TYPE, null, null],
  ['application/graphql-response+json, application/json', GRAPHQL, null, null],
  ['application/json, application/graphql-response+json', JSON_TYPE, null, null],
  ['application/graphql-response+json;q=0.5, application/json; Q=0.6', JSON_TYPE, null, null],
  ['application/json;q=0, */*', GRAPHQL, MULTIPART, EVENTS],
  ['*/*, application/graphql-response+json', GRAPHQL, MULTIPART, EVENTS],
  ['multipart/mixed;deferSpec=20220824, application/json', JSON_TYPE, MULTIPART, null],
  ['multipart/mixed;boundary=graphql;subscriptionSpec=1.0, application/json', JSON_TYPE, MULTIPART, null],
  ['application/json;odata=verbose', JSON_TYPE, null, null],
  ['application/json; charset=UTF-8', JSON_TYPE, null, null],
  ['application/json; charset="utf-8"', JSON_TYPE, null, null],
  ['application/json; charset=latin1', null, null, null],
  ['application/json;q=high', JSON_TYPE, null, null],
  ['text/event-stream', null, EVENTS, EVENTS],
  ['text/event-stream, application/json;q=0.5', JSON_TYPE, EVENTS, EVENTS],
  ['text/event-stream;q=0.5, multipart/mixed', null, MULTIPART, EVENTS],
  ['text/event-stream, multipart/mixed;q=0.5', null, EVENTS, EVENTS],
  ['text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2', JSON_TYPE, MULTIPART, EVENTS],
  ['*/*;q=0', null, null, null],
  ['text/html', null, null, null],
  ['nonsense', null, null, null],
])(
  '`Accept: %s` selects %s, %s for @defer and %s for a subscription',
  (accept, singleResult, incremental, subscription) => {
    expect(negotiate(accept)).toMatchObject({ singleResult, incremental, subscription })
  },
)

it.each([
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', true],
  ['text/html, application/json', true],
  ['application/json, text/html', false],
  ['application/json, text/html;q=0.1', false],
  ['application/json;q=0.5, text/html;q=0', false],
  ['*/*', false],
  ['text/*', false],
  ['application/json;q=0.5, */*', false],
  [undefined, false],
])('`Accept: %s` prefers the page of GraphiQL: %s', (accept, prefersHtml) => {
  expect(negotiate(accept).prefersHtml).toBe(prefersHtml)
})

it.each([
  ['*/*', 'application/json, multipart/mixed, text/event-stream'],
  ['application/json, text/event-stream, multipart/mixed;q=0.1', 'application/json, text/event-stream'],
  ['image/png', ''],
])('`Accept: %s` becomes `Accept: %s` for Yoga', (accept, header) => {
  expect(acceptHeaderForYoga(negotiate(accept))).toBe(header)
})

it('negotiate reads at most 50 media ranges of an `Accept` header', () => {
  expect(negotiate(`${'image/png, '.repeat(49)}application/json`).singleResult).toBe('application/json')
  expect(negotiate(`${'image/png, '.repeat(50)}application/json`).singleResult).toBeNull()
})
