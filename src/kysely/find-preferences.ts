import { type RawBuilder, sql } from 'kysely'
import type { PreferenceRecord } from '../port/preference-record.ts'
import type { PreferenceSelector } from '../port/repository.ts'
import { personRetirement } from '../port/retirement-record.ts'
import type { PreferenceRow, TableName } from '../port/tables.ts'
import type { Where } from '../port/write.ts'
import { parameter } from './insert-text.ts'
import { askedFor, listParameter, selectorOf } from './people.ts'
import { type PeopleList, type PeopleRequest, type PersonRead, rowsOf, tablesOf } from './people-read.ts'
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
  const rowsIn = <Name extends TableName>(table: Name, where: Where<Name>) => {
    const rows = rowsOf(tables, table)
    // Our own tables compare texts letter by letter.
    if (on.names.layout?.keeps(table) !== true) return rows
    const isAskedFor = isExactly(table, where)
    return (person: PersonRead) => rows(person).filter(isAskedFor)
  }
  const ofThem = keys === undefined ? {} : { key: keys }
  const preferences = rowsIn('preferences', ofThem)
  const orgTags = rowsIn('org_tags', org === undefined ? {} : { ...ofThem, org })
  const courseTags = rowsIn('course_tags', course_id === undefined ? {} : { ...ofThem, course_id })
  const retirement = rowsOf(tables, 'retirement_requests')
  const locked = rowsOf(tables, 'deactivations')
  const countOf = (person: PersonRead) =>
    isCountedApart ? Number(person.number) : counted ? preferences(person).filter(isSet).length : 0
  const records = (await readPeople(on, asked)).map((person) => ({
    user: person.user,
    preferences: preferences(person),
    org_tags: orgTags(person),
    course_tags: courseTags(person),
    preference_count: countOf(person),
    retirement: personRetirement(retirement(person)[0]),
    deactivations: locked(person),
  }))
  return records.filter(askedFor(on, by))
}
