import { meaningOf, type PersonalDataSource } from '../port/personal-data.ts'
import { isPersonal, type Meaning, type TableName, tables } from '../port/tables.ts'
import type { NotLookedAt } from './verification.ts'

/** The columns of a source in which a verification looks for a person. */
export interface SearchedColumns {
  /** Looked through in rows of the person. */
  readonly own: readonly string[]
  /** Compared as a whole, in the rows of all people. */
  readonly identifiers: readonly string[]
  /** Looked through in the rows of all people; none unless the search is deep. */
  readonly all: readonly string[]
  readonly notLookedAt: readonly Omit<NotLookedAt, 'source'>[]
}

const whyShallow = 'rows of other people are looked through by a deep verification alone'
const whyOthers = 'it is about other people than its row, so that no erasure takes it away'

/** Returns the columns of a source of the host. What is kept on a ground is no trace. */
export function searchedColumns({ columns, treatment }: PersonalDataSource, isDeep: boolean): SearchedColumns {
  const declared = Object.entries(columns)
  const personal = declared.filter(([, column]) => isPersonal(meaningOf(column)))
  if (treatment.erase === 'never') {
    const notLookedAt = personal.length === 0 ? [] : [{ column: null, why: treatment.why }]
    return { own: [], identifiers: [], all: [], notLookedAt }
  }
  const of = (meaning: Meaning) => declared.flatMap(([name, column]) => (column === meaning ? [name] : []))
  const freeText = of('free_text')
  return {
    own: [...of('personal'), ...of('identifier'), ...(isDeep ? [] : freeText)],
    identifiers: of('identifier'),
    all: isDeep ? freeText : [],
    notLookedAt: [
      ...personal.flatMap(([column, kept]) => (typeof kept === 'string' ? [] : [{ column, why: kept.why }])),
      ...of('others').map((column) => ({ column, why: whyOthers })),
      ...(isDeep ? [] : freeText.map((column) => ({ column, why: whyShallow }))),
    ],
  }
}

/**
 * The tables of the library in which the names of a person stay until `cleanUp`, since the retirement itself needs them: the
 * row of the person is where the terms of a search come from.
 */
export const workItems: readonly TableName[] = ['retirements', 'retirement_work']

const whyWorkItem =
  'it holds who they were until the clean-up: what is looked for comes from there, and other systems are told by it'

/**
 * Returns the columns of a table of the library. Those of JSON are looked through whatever they mean, since no type keeps a name
 * out of them. A column with its key beside it is looked up by that, unless the search is deep.
 */
export function searchedOwnColumns(table: TableName, isDeep: boolean): SearchedColumns {
  const meanings = Object.entries<Meaning>(tables[table].meanings)
  const types: Readonly<Record<string, string>> = tables[table].columns
  const of = (meaning: Meaning) => meanings.flatMap(([name, column]) => (column === meaning ? [name] : []))
  const texts = meanings.flatMap(([name, meaning]) => (meaning === 'free_text' || types[name] === 'json' ? [name] : []))
  const personal = meanings.flatMap(([name, meaning]) => (isPersonal(meaning) ? [name] : []))
  // What is personal to other people, such as a name that they share, is no trace.
  const ofAll = texts.filter((name) => !of('personal').includes(name))
  const isWorkItem = workItems.includes(table)
  return {
    own: isWorkItem ? [] : [...new Set([...personal, ...texts])],
    identifiers: isDeep ? [] : of('identifier').filter((name) => !(`${name}_key` in types)),
    all: isDeep ? [...new Set([...of('identifier'), ...ofAll])] : [],
    notLookedAt: [
      ...(isWorkItem ? [{ column: null, why: whyWorkItem }] : []),
      ...(isDeep ? [] : ofAll.map((column) => ({ column, why: whyShallow }))),
    ],
  }
}
