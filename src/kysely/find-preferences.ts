import { type RawBuilder, sql } from 'kysely'
import type { PreferenceRecord } from '../port/preference-record.ts'
import type { PreferenceSelector } from '../port/repository.ts'
import { personRetirement } from '../port/retirement-record.ts'
import type { PreferenceRow, TableName } from '../port/tables.ts'
import { parameter } from './insert-text.ts'
import { askedFor, listParameter, selectorOf } from './people.ts'
import { type PeopleList, type PeopleRequest, rowsOf, tablesOf } from './people-read.ts'
import { readPeople } from './read-people.ts'
import { isExactly } from './select.ts'
import type { Statements } from './statements.ts'

const isSet = ({ value }: PreferenceRow) => value !== null

/** Makes a select of the number of preferences that the person `person` has set, for one cell. */
function numberOfPreferences(on: Statements): RawBuilder<unknown> {
  return sql`(select count(*) from ${on.source('preferences')} as part
    where part.user_id = ${on.column('users', 'id', 'person')} and part.value is not null)`
}

const notEnded: PeopleList = { table: 'deactivations', wanted: sql` and part.ended_at is null`, parameters: [] }

/** Loads preferences and tags of people: one statement for any number of names and keys. */
export async function findPreferences(on: Statements, request: PreferenceSelector): Promise<PreferenceRecord[]> {
  const { by, keys, org, course_id, deactivations } = request
  const wanted = keys && listParameter(on, 'text', keys)
  const ofKeys = wanted === undefined ? sql`` : sql` and ${wanted.contains(sql.ref('part.key'))}`
  const keyParameters = wanted?.parameters ?? []
  /** Selects the rows of one organisation or course; a value that no column can hold matches none. */
  const tagsOf = (table: TableName, column: string, value: string | undefined): PeopleList[] =>
    value === undefined
      ? []
      : [
          {
            table,
            wanted: sql` and ${sql.ref(`part.${column}`)} = ${parameter}${ofKeys}`,
            parameters: [on.canHold('text', value) ? value : null, ...keyParameters],
          },
        ]
  const asked: PeopleRequest = {
    shape: `preferences ${wanted?.shape} ${wanted === undefined} ${org === undefined} ${course_id === undefined} ${deactivations}`,
    by: selectorOf(on, by),
    singles: ['retirement_requests'],
    lists: [
      { table: 'preferences', wanted: ofKeys, parameters: keyParameters },
      ...tagsOf('org_tags', 'org', org),
      ...tagsOf('course_tags', 'course_id', course_id),
      ...(deactivations === true ? [notEnded] : []),
    ],
    // All preferences are counted as they are read.
    ...(wanted === undefined ? {} : { number: numberOfPreferences(on) }),
  }
  const tables = tablesOf(asked)
  const preferences = rowsOf(tables, 'preferences')
  const orgTags = rowsOf(tables, 'org_tags')
  const courseTags = rowsOf(tables, 'course_tags')
  const retirement = rowsOf(tables, 'retirement_requests')
  const locked = rowsOf(tables, 'deactivations')
  const records = (await readPeople(on, asked)).map((person) => ({
    user: person.user,
    preferences: preferences(person).filter(isExactly('preferences', { key: keys })),
    org_tags: orgTags(person).filter(isExactly('org_tags', { key: keys, org })),
    course_tags: courseTags(person).filter(isExactly('course_tags', { key: keys, course_id })),
    preference_count: wanted === undefined ? preferences(person).filter(isSet).length : Number(person.number),
    retirement: personRetirement(retirement(person)[0]),
    deactivations: locked(person),
  }))
  return records.filter(askedFor(on, by))
}
