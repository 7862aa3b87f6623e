import { randomUUID } from 'node:crypto'
import type { DialectName, UserTable } from '../../../src/kysely/index.ts'
import type { Columns } from './table.ts'

/** The definitions that the check allows for each column of a table of members. */
interface Definitions {
  readonly id: readonly { readonly ddl: string; readonly idType: string; readonly newId?: UserTable['newId'] }[]
  readonly names: readonly string[]
  readonly keys: readonly string[]
  readonly is_active: readonly string[]
  readonly moments: readonly string[]
}

let drawn = 0
const drawNumber = () => ++drawn

const postgres: Definitions = {
  id: [
    { ddl: 'bigint generated always as identity', idType: 'bigint' },
    { ddl: 'serial', idType: 'integer' },
    { ddl: 'uuid default gen_random_uuid()', idType: 'uuid' },
    { ddl: 'smallint', idType: 'smallint', newId: drawNumber },
    { ddl: 'varchar(36)', idType: 'varchar(36)', newId: randomUUID },
    { ddl: 'text', idType: 'text', newId: () => `M-${randomUUID()}` },
    { ddl: 'char(40)', idType: 'char(40)', newId: randomUUID },
  ],
  names: ['varchar(254)', 'text', 'text collate "C"', 'varchar', 'varchar(300)', 'text collate "en-x-icu"'],
  keys: ['text', 'char(254)', 'varchar(254) collate "C"'],
  is_active: ['boolean'],
  moments: ['timestamptz', 'timestamp', 'timestamptz(0)', 'timestamp(3)', 'timestamp(0)', 'timestamptz(3)'],
}

const mysql: Definitions = {
  id: [
    { ddl: 'bigint auto_increment', idType: 'bigint' },
    { ddl: 'int unsigned auto_increment', idType: 'int unsigned' },
    {
      ddl: 'varchar(36)',
      idType: 'varchar(36) character set utf8mb4 collate utf8mb4_unicode_ci',
      newId: randomUUID,
    },
    { ddl: 'bigint unsigned auto_increment', idType: 'bigint unsigned' },
    {
      ddl: 'char(40) character set ascii collate ascii_bin',
      idType: 'char(40) character set ascii collate ascii_bin',
      newId: () => `M-${randomUUID()}`,
    },
    { ddl: 'smallint', idType: 'smallint', newId: drawNumber },
  ],
  names: [
    'varchar(254)',
    'varchar(254) collate utf8mb4_general_ci',
    'varchar(300) collate utf8mb4_unicode_520_ci',
    'varchar(254) collate utf8mb4_spanish_ci',
    'varchar(254) character set utf16 collate utf16_unicode_ci',
  ],
  keys: ['varchar(254) collate utf8mb4_bin', 'char(254)'],
  is_active: ['tinyint(1)', 'bit(1)', 'int', 'bool', 'bigint unsigned'],
  moments: ['datetime(6)', 'timestamp(6)', 'datetime', 'timestamp', 'datetime(3)', 'timestamp(3)'],
}

const sqlite: Definitions = {
  id: [
    { ddl: 'integer', idType: 'integer' },
    { ddl: 'text not null', idType: 'text', newId: randomUUID },
    { ddl: 'varchar(40) not null', idType: 'varchar(40)', newId: () => `M-${randomUUID()}` },
    { ddl: 'bigint not null', idType: 'bigint', newId: drawNumber },
    { ddl: 'uuid not null', idType: 'uuid', newId: randomUUID },
  ],
  names: ['text', 'varchar(150)', 'nvarchar(20)', 'clob', 'text collate nocase', 'char(10)'],
  keys: ['text', 'varchar(150)'],
  is_active: ['integer', 'boolean', 'tinyint(1)', 'bit'],
  moments: ['text', 'datetime', 'timestamp'],
}

/** PGlite has no collations of ICU. */
const pglite = { ...postgres, names: postgres.names.filter((type) => !type.includes('icu')) }

const definitions: Readonly<Record<DialectName, Definitions>> = { postgres, pglite, mysql, sqlite }

/** A table of members and its mapping. */
export interface Variant {
  readonly title: string
  readonly columns: Columns
  readonly keys: readonly string[]
  readonly users: UserTable
}

/**
 * Returns as many tables as it takes for each column to have each of its definitions; every second one keeps keys of
 * names, and has all columns that can be left out.
 */
export function variantsOf(dialect: DialectName): Variant[] {
  const { id, names, keys, is_active, moments } = definitions[dialect]
  const count = Math.max(...[id, names, is_active, moments].map(({ length }) => length))
  return Array.from({ length: count }, (_, turn) => variant(turn % 2 === 1, turn))

  function variant(isWhole: boolean, turn: number): Variant {
    const at = <Value>(list: readonly Value[], offset = 0): Value => list[(turn + offset) % list.length] as Value
    const { ddl, idType, newId } = at(id)
    const login = at(names)
    // In a column of this type, blanks at the end of a name would be lost.
    const columns: Record<string, string> = {
      id: `${ddl} primary key`,
      login: `${login} not null`,
      mail: `${at(names, 1)} not null`,
      enabled: `${at(is_active)} not null`,
      joined: `${at(moments)} not null`,
    }
    const further = {
      login_key: `${at(keys)} not null`,
      mail_key: `${at(keys, 1)} not null`,
      seen: `${at(moments, 1)} null`,
      given: `${at(names)} not null`,
      family: `${at(names, 2)} not null`,
    }
    const mapping = { id: 'id', username: 'login', email: 'mail', is_active: 'enabled', date_joined: 'joined' }
    const folded = dialect === 'mysql' ? ['login', 'mail'] : ['lower(login)', 'lower(mail)']
    return {
      title: `${Object.values(columns).join(', ')}${isWhole ? ', with keys' : ''}`,
      columns: isWhole ? { ...columns, ...further } : columns,
      keys: isWhole ? ['login_key', 'mail_key'] : folded,
      users: {
        table: 'members',
        idType,
        ...(newId === undefined ? {} : { newId }),
        columns: isWhole
          ? {
              ...mapping,
              username_key: 'login_key',
              email_key: 'mail_key',
              last_login: 'seen',
              first_name: 'given',
              last_name: 'family',
            }
          : mapping,
      },
    }
  }
}

/** Names as people have them. */
export const people: Readonly<Record<string, string>> = {
  ASCII: 'AdaIda',
  'a capital beyond ASCII': 'Élodie',
  Cyrillic: 'Зоя-Ёлка',
  'a sharp s': 'Straße',
  'a final sigma': 'Οδυσσεύς',
  'capitals with a final sigma': 'ΟΔΥΣΣΕΥΣ',
  'a capital i with a dot': 'İnci',
  'an i without one': 'Işıl',
  decomposed: 'Zoe\u0308 E\u0301',
  'full width': 'Ｇｒａｃｅ',
  'four bytes': '\u{1d4b3}yz',
}
