import { type RawBuilder, sql } from 'kysely'
import type { PreferenceRecord } from '../port/preference-record.ts'
import type { PreferenceSelector } from '../port/repository.ts'
import { personRetirement } from '../port/retirement-record.ts'
import type { PreferenceRow, TableName } from '../port/tables.ts'
import type { Where } from '../port/write.ts'
import { parameter } from './insert-text.ts'
import { askedFor, listParameter, selectorOf } from './people.ts'
import { type PeopleList, type PeopleRequest, type PersonRead, rowsOfTable, tablesOf } from './people-read.ts'
import { readPeople } from './read-people.ts'
import { isExactly } from './select.ts'
import type { Statements } from './statements.ts'

const isSet = ({ value }: PreferenceRow) => value !== null

/** Makes a select of the number of preferences that the person `person` has set, for one cell. */
function numberOfPreferences(on: Statements): RawBuilder<unknown> {
  return sql`(select count(*) from ${on.source('preferences')} as part
    where part.user_id = ${on.column('users', 'id', 'person')} and part.value is not null)`
}

const notEnded: PeopleList = { table: 'deactivations', wanted: () => sql` and part.ended_at is null`, parameters: [] }

/** Loads preferences and tags of people: one statement for any number of names and keys. */
export async function findPreferences(on: Statements, request: PreferenceSelector): Promise<PreferenceRecord[]> {
  const { by, keys, org, course_id, deactivations, counted = true } = request
  const ofKeys = keys && listParameter(on, 'text', keys)
  const isOfKeys = () => (ofKeys === undefined ? sql`` : sql` and ${ofKeys.contains(sql.ref('part.key'))}`)
  const keyParameters = ofKeys?.parameters ?? []
  /** Selects the rows of one organisation or course; a value that no column can hold matches none. */
  const tagsOf = (table: TableName, column: string, value: string | undefined): PeopleList[] =>
    value === undefined
      ? []
      : [
          {
            table,
            wanted: () => sql` and ${sql.ref(`part.${column}`)} = ${parameter}${isOfKeys()}`,
            parameters: [on.canHold('text', value) ? value : null, ...keyParameters],
          },
        ]
  // All preferences are counted as they are read.
  const isCountedApart = counted && ofKeys !== undefined
  const asked: PeopleRequest = {
    shape: `preferences ${ofKeys?.shape} ${isCountedApart} ${org === undefined} ${course_id === undefined} ${deactivations}`,
    by: selectorOf(on, by),
    singles: ['retirement_requests'],
    lists: [
      { table: 'preferences', wanted: isOfKeys, parameters: keyParameters },
      ...tagsOf('org_tags', 'org', org),
      ...tagsOf('course_tags', 'course_id', course_id),
      ...(deactivations === true ? [notEnded] : []),
    ],
    ...(isCountedApart && { number: () => numberOfPreferences(on) }),
  }
  const tables = tablesOf(asked)
  const ofThem = keys === undefined ? {} : { key: keys }
  // Our own tables compare texts letter by letter.
  const testOf = <Name extends TableName>(table: Name, where: Where<Name>) =>
    on.names.layout?.keeps(table) === true ? isExactly(table, where) : undefined
  const isPreference = testOf('preferences', ofThem)
  const isOrgTag = org === undefined ? undefined : testOf('org_tags', { ...ofThem, org })
  const isCourseTag = course_id === undefined ? undefined : testOf('course_tags', { ...ofThem, course_id })
  const rowsIn = <Name extends TableName>(person: PersonRead, table: Name, isAskedFor?: (row: object) => boolean) => {
    const rows = rowsOfTable(person, tables, table)
    return isAskedFor === undefined ? rows : rows.filter(isAskedFor)
  }
  const countOf = (person: PersonRead, preferences: readonly PreferenceRow[]) =>
    isCountedApart ? Number(person.number) : counted ? preferences.filter(isSet).length : 0
  const recordOf = (person: PersonRead): PreferenceRecord => {
    const preferences = rowsIn(person, 'preferences', isPreference)
    return {
      user: person.user,
      preferences,
      org_tags: rowsIn(person, 'org_tags', isOrgTag),
      course_tags: rowsIn(person, 'course_tags', isCourseTag),
      preference_count: countOf(person, preferences),
      retirement: personRetirement(rowsIn(person, 'retirement_requests')[0]),
      deactivations: rowsIn(person, 'deactivations'),
    }
  }
  return (await readPeople(on, asked)).map(recordOf).filter(askedFor(on, by))
}
