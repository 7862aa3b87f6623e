/** Says in one line which stores a run of the tests does not try. */
export default function (): void {
  const missing = [
    ['PostgreSQL', 'TEST_POSTGRES_URL'],
    ['MariaDB', 'TEST_MYSQL_URL'],
  ].filter(([, variable]) => process.env[variable ?? ''] === undefined)
  if (missing.length === 0) return
  const line = missing.map(([store, variable]) => `${store} (set ${variable})`).join(', ')
  process.stdout.write(`Stores not tried: ${line}\n`)
}
