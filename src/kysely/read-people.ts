import { mostJoined, type PeopleRequest, type PersonRead } from './people-read.ts'
import { readAsRows } from './read-as-rows.ts'
import { readJoined } from './read-joined.ts'
import { readNested } from './read-nested.ts'
import type { Statements } from './statements.ts'

/** Reads people with rows of other tables: one statement for any number of people, and so all of one moment. */
export function readPeople(on: Statements, request: PeopleRequest): Promise<PersonRead[]> {
  const { nested, joined } = on.dialect
  if (nested === undefined) return readAsRows(on, request)
  const { count } = request.by
  // Rows that another system keeps are selects; joined to people, such a select can be run for all that it has.
  const isJoined = count > 1 && count <= mostJoined && on.names.layout === undefined
  return isJoined && joined !== undefined ? readJoined(on, request, joined) : readNested(on, request, nested)
}
