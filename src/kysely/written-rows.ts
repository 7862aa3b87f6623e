import type { TableName, Tables, UserId, UserRow } from '../port/tables.ts'
import type { Instant } from '../values/instant.ts'
import { decodeInteger, decoders } from './decoders.ts'

type Cells = readonly unknown[]

/** Makes a row from the id of its person and the cells of its other columns, of which the first is at an index. */
export type MakeRow<Row> = (user_id: UserId, cells: Cells, first: number) => Row

/**
 * The rows of which long lists of people consist, written out: engines make such objects at once, where they make those
 * that are filled column by column in three times the time. Each has the columns of `tables` in their order. Only for
 * tables of ours: cells are JSON in the form in which we store it.
 */
export const writtenRows: { readonly [Name in TableName]?: MakeRow<Tables[Name]> } = {
  profiles: (user_id, cells, at) => ({
    user_id,
    version: integer(cells[at]),
    name: text(cells[at + 1]),
    gender: textOrNull(cells[at + 2]),
    year_of_birth: integerOrNull(cells[at + 3]),
    level_of_education: textOrNull(cells[at + 4]),
    goals: textOrNull(cells[at + 5]),
    bio: textOrNull(cells[at + 6]),
    country: textOrNull(cells[at + 7]),
    state: textOrNull(cells[at + 8]),
    city: textOrNull(cells[at + 9]),
    location: textOrNull(cells[at + 10]),
    mailing_address: textOrNull(cells[at + 11]),
    phone_number: textOrNull(cells[at + 12]),
    profile_image_uploaded_at: instantOrNull(cells[at + 13]),
  }),
  language_proficiencies: (user_id, cells, at) => ({ user_id, code: text(cells[at]) }),
  social_links: (user_id, cells, at) => ({
    user_id,
    platform: text(cells[at]),
    social_link: text(cells[at + 1]),
  }),
  extended_profiles: (user_id, cells, at) => ({
    user_id,
    owner: text(cells[at]),
    document: text(cells[at + 1]),
    schema_version: integer(cells[at + 2]),
  }),
  preferences: (user_id, cells, at) => ({
    user_id,
    key: text(cells[at]),
    value: textOrNull(cells[at + 1]),
    version: integer(cells[at + 2]),
  }),
}

/** Makes a row of our own table of people, as above. */
export function writtenUser(cells: Cells, at: number): UserRow {
  return {
    id: decodeInteger(cells[at]),
    username: text(cells[at + 1]),
    username_key: text(cells[at + 2]),
    email: text(cells[at + 3]),
    email_key: text(cells[at + 4]),
    first_name: text(cells[at + 5]),
    last_name: text(cells[at + 6]),
    is_active: decoders.boolean(cells[at + 7]) === true,
    date_joined: instant(cells[at + 8]),
    last_login: instantOrNull(cells[at + 9]),
  }
}

const text = (cell: unknown): string => (typeof cell === 'string' ? cell : String(cell))
const textOrNull = (cell: unknown): string | null => (cell === null ? null : text(cell))
const integer = (cell: unknown): number => (typeof cell === 'number' ? cell : Number(cell))
const integerOrNull = (cell: unknown): number | null => (cell === null ? null : integer(cell))
const instant = (cell: unknown): Instant => decoders.instant(cell) as Instant
const instantOrNull = (cell: unknown): Instant | null => (cell === null ? null : instant(cell))
