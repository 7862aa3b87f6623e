import { createPool } from 'mysql2/promise'
import { serverUrls, serverVariables } from '../stores/servers.ts'

/** Says in one line which stores a run of the tests does not try. Throws where MariaDB is given as MySQL, or MySQL as MariaDB. */
export default async function (): Promise<void> {
  for (const name of ['mariadb', 'mysql'] as const) {
    const url = serverUrls[name]
    if (url !== undefined) await refuseTheOther(name, url)
  }
  const missing = Object.entries(serverVariables).filter(([name]) => !(name in serverUrls))
  if (missing.length === 0) return
  const line = missing.map(([, [title, variable]]) => `${title} (set ${variable})`).join(', ')
  process.stdout.write(`Stores not tried: ${line}\n`)
}

async function refuseTheOther(name: 'mariadb' | 'mysql', url: string): Promise<void> {
  const pool = createPool(url)
  const [[row]] = (await pool.query('select version() as version')) as unknown as [{ version: string }[]]
  await pool.end()
  if (/mariadb/i.test(row?.version ?? '') === (name === 'mariadb')) return
  throw new Error(`${serverVariables[name][1]} is the address of another server: ${row?.version}`)
}
