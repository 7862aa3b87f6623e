import { writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { hammer } from '../hammer/hammer.ts'
import { servers } from '../hammer/servers.ts'

it('there are three servers to hammer: set TEST_POSTGRES_URL, TEST_MARIADB_URL and TEST_MYSQL_URL', () => {
  expect(servers.map(([name]) => name)).toEqual(['PostgreSQL', 'MariaDB', 'MySQL'])
})

/** A minute of 64 clients on one account and one queue, their connections killed at random. */
it.each(servers)('64 clients whose connections are killed break no promise on %s', async (_, server) => {
  const report = await hammer({ ...server, clients: 64, seconds: 60, kills: 8 })
  writeFileSync(1, `${JSON.stringify({ ...server, ...report }, undefined, 2)}\n`)
  expect(report.violations).toEqual([])
  expect(report.kills).toBeGreaterThan(100)
})
