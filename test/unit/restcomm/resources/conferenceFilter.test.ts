import { describe, expect, it } from 'vitest'
import { createFilterCheck } from '../../../../src/restcomm/resources/conferenceFilter.ts'
import { decodeConference } from '../../../../src/restcomm/resources/conferences.ts'

const conferenceWith = (members: object) =>
  decodeConference({
    sid: `CF${'0'.repeat(32)}`,
    account_sid: `AC${'0'.repeat(32)}`,
    status: 'COMPLETED',
    date_created: 'Tue, 1 Jan 2019 00:00:00 +0000',
    date_updated: 'Tue, 1 Jan 2019 00:00:00 +0000',
    api_version: '2012-04-24',
    uri: '/nowhere',
    ...members,
  })
const conferenceUpdated = (date: string) => conferenceWith({ date_updated: date })

describe('createFilterCheck with a value that matches no LIKE pattern', () => {
  it.each([undefined, null])('a conference with the name %s proves that a name filter was ignored', friendly_name => {
    const assertMatches = () => createFilterCheck({ friendlyName: '%' })(conferenceWith({ friendly_name }))
    expect(assertMatches).toThrow('friendlyName')
  })

  it.each(['', 'ARCHIVED'])('a conference with the status "%s" proves that a status filter was ignored', status => {
    expect(() => createFilterCheck({ status: 'COMPLETED' })(conferenceWith({ status }))).toThrow('status')
  })

  it('a name and a status that cannot be read prove nothing', () => {
    const conference = conferenceWith({ friendly_name: 7, status: null })
    expect(() => createFilterCheck({ friendlyName: 'x', status: 'COMPLETED' })(conference)).not.toThrow()
  })
})

describe('createFilterCheck with updatedOnOrBefore', () => {
  it.each([
    ['2019-01-31', 'Thu, 31 Jan 2019 23:59:59 +0000'],
    ['2019-01-31', 'Fri, 1 Feb 2019 00:00:00 +0000'],
    ['9999-12-31', 'Fri, 1 Feb 2019 12:00:00 +0000'],
    ['9999-12-31', 'Fri, 31 Dec 9999 23:59:59 +0000'],
  ])('createFilterCheck with updatedOnOrBefore %s accepts a conference updated at %s', (updatedOnOrBefore, date) => {
    expect(() => createFilterCheck({ updatedOnOrBefore })(conferenceUpdated(date))).not.toThrow()
  })

  it.each([
    ['2019-01-31', 'Fri, 1 Feb 2019 00:00:01 +0000'],
    ['9998-12-31', 'Fri, 31 Dec 9999 00:00:00 +0000'],
  ])('createFilterCheck with updatedOnOrBefore %s rejects a conference updated at %s', (updatedOnOrBefore, date) => {
    expect(() => createFilterCheck({ updatedOnOrBefore })(conferenceUpdated(date))).toThrow('updatedOnOrBefore')
  })
})
