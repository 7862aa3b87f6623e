import { sql } from 'kysely'
import type { Places } from '../table-definition.ts'
import { base, digest, type KeptTable, theirs } from './kept-table.ts'

// Versions are made from the value and the number of the row: a preference that was deleted and set again has another.
// They are greater than 1, which is the version of a row to be added.
const version = sql`1 + ${digest(base('id'), base('value'))}`

export function preferences(places: Places): KeptTable<'preferences'> {
  const table = 'user_api_userpreference'
  const cells = { user_id: base('user_id'), key: base('key'), value: base('value'), version }
  return {
    base: table,
    rows: () => ({ from: sql`${theirs(places, table)} as base`, cells }),
    stored: { user_id: 'user_id', key: 'key', value: 'value' },
  }
}

export function orgTags(places: Places): KeptTable<'org_tags'> {
  const table = 'user_api_userorgtag'
  const cells = {
    user_id: base('user_id'),
    org: base('org'),
    key: base('key'),
    value: base('value'),
    version,
    created_at: base('created'),
    modified_at: base('modified'),
  }
  return {
    base: table,
    rows: () => ({ from: sql`${theirs(places, table)} as base`, cells }),
    stored: {
      user_id: 'user_id',
      org: 'org',
      key: 'key',
      value: 'value',
      created_at: 'created',
      modified_at: 'modified',
    },
  }
}

export function courseTags(places: Places): KeptTable<'course_tags'> {
  const table = 'user_api_usercoursetag'
  const cells = {
    user_id: base('user_id'),
    course_id: base('course_id'),
    key: base('key'),
    value: base('value'),
    version,
  }
  return {
    base: table,
    rows: () => ({ from: sql`${theirs(places, table)} as base`, cells }),
    stored: { user_id: 'user_id', course_id: 'course_id', key: 'key', value: 'value' },
  }
}
