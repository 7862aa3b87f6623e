import { writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { servers } from '../hammer/servers.ts'
import { crowd } from './workers/crowd.ts'

it('there are three servers for the workers: set TEST_POSTGRES_URL, TEST_MARIADB_URL and TEST_MYSQL_URL', () => {
  expect(servers.map(([name]) => name)).toEqual(['PostgreSQL', 'MariaDB', 'MySQL'])
})

/** The number of people can be made smaller while the test itself is worked on. */
const people = Number(process.env.TEST_PEOPLE ?? 10_000)

it.each(servers)(
  'the worker: 8 processes, two of which are killed each second, retire all people on %s',
  async (_, server) => {
    const report = await crowd({ ...server, people, processes: 8, kills: 2 })
    writeFileSync(1, `${JSON.stringify({ name: server.name, people, ...report }, undefined, 2)}\n`)
    expect(report.violations).toEqual({ stuck: 0, doubled: 0, skipped: 0, 'out of order': 0, 'leases held': 0 })
    expect(report.kills).toBeGreaterThan(10)
  },
)
