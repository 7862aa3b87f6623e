import type { DialectName } from '../../src/kysely/index.ts'

const { TEST_POSTGRES_URL, TEST_MYSQL_URL } = process.env

/** The servers at hand, each with its name. */
export const servers: readonly (readonly [name: string, server: { dialect: DialectName; urls: string[] }])[] = [
  ...(TEST_POSTGRES_URL === undefined
    ? []
    : [['PostgreSQL', { dialect: 'postgres' as const, urls: [TEST_POSTGRES_URL] }] as const]),
  ...(TEST_MYSQL_URL === undefined
    ? []
    : [['MariaDB', { dialect: 'mysql' as const, urls: [TEST_MYSQL_URL] }] as const]),
]
