import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import { run } from '../../src/command/run.ts'
import { migrationSql } from '../../src/kysely/index.ts'
import { stepNames } from '../../src/kysely/migrate.ts'

const root = join(import.meta.dirname, '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'usercore-command-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs a command line in a folder, whose drivers are those of this repository unless another folder is given. */
async function usercore(line: string, env: { DATABASE_URL?: string } = {}, cwd = root) {
  const [out, err]: [string[], string[]] = [[], []]
  const write = (text: string) => void out.push(text)
  const complain = (text: string) => void err.push(text)
  const code = await run(line.split(' ').filter(Boolean), { cwd, env, write, complain })
  return { code, out: out.join(''), err: err.join('') }
}

let count = 0
/** Returns the path of a file that is not there yet. */
const newFile = (end: string) => join(folder, `${++count}.${end}`)

/** Writes a file for `--config`, and returns its path. */
function config(text: string, end = 'mjs'): string {
  const path = newFile(end)
  writeFileSync(path, text)
  return path
}

describe('wrong usage ends with 2, and says what to do', () => {
  it.each([
    ['', 'give one of: sql, migrate, check, inventory'],
    ['drop', 'give one of: sql, migrate, check, inventory'],
    ['sql check --dialect sqlite', 'give one of'],
    ['sql', '--dialect: give one of: postgres, mysql, sqlite, pglite'],
    ['sql --dialect oracle', '--dialect: give one of'],
    ['sql --dialect sqlite --colour red', "'--colour'"],
    ['sql --dialect', "'--dialect"],
    ['sql --dialect=', '--dialect: give one value'],
    ['sql --dialect sqlite --dialect mysql', '--dialect: give one value'],
    ['sql --dialect sqlite --url x.sqlite', '--url: only for migrate, check'],
    ['check --dialect sqlite --since 0004-retirement', '--since: only for sql'],
    ['inventory --prefix p_', '--prefix: only for sql, migrate, check'],
    ['sql --dialect sqlite --since 0004', 'since must be one of 0001-accounts'],
    ['sql --dialect sqlite --prefix p-', 'prefix must be up to 24 letters'],
    ['sql --dialect sqlite --schema s', 'schema must be left out'],
    ['sql --dialect mysql --preset moodle', '--preset: the one preset is open-edx'],
    ['sql --dialect sqlite --preset open-edx', 'tables must be with the dialect mysql'],
    ['check --dialect sqlite', '--url: give the address of the database, or set DATABASE_URL'],
    ['check --dialect sqlite --url nowhere.sqlite', '--url: there is no such file'],
    ['check --dialect pglite --url x', '--dialect pglite: give `connect` in the file of --config'],
    ['sql --dialect sqlite --config nowhere.mjs', '--config: the file cannot be loaded'],
  ])('%s', async (line, said) => {
    const { code, out, err } = await usercore(line)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(said)
    expect(err).toMatch(/^usercore: .*\nSee npx usercore --help\n$/s)
  })

  it.each([
    ['export const dialect = "sqlite"', '--config: the file has to export an object by default'],
    ['export default []', '--config: the file has to export an object by default'],
    ['export default { connect: 1 }', '--config: the file has to export an object by default'],
    ['export default { dialect: "sqlite", colour: 1 }', 'colour must be left out: it is not one of dialect, prefix'],
    ['throw new Error("no secret store")', '--config: the file cannot be loaded: no secret store'],
  ])('in the file of --config: %s', async (text, said) => {
    const { code, err } = await usercore(`sql --dialect sqlite --config ${config(text)}`)
    expect(code).toBe(2)
    expect(err).toContain(said)
  })

  it('a project without the driver is told to install it', async () => {
    const { code, err } = await usercore('check --dialect postgres --url postgres://localhost/x', {}, folder)
    expect(code).toBe(2)
    expect(err).toContain('the driver pg cannot be loaded: install it in this project')
  })
})

describe('what needs no database', () => {
  it('is the help, which names every command, option and exit code', async () => {
    const { code, out, err } = await usercore('--help')
    expect([code, err, (await usercore('sql -h')).out]).toEqual([0, '', out])
    for (const word of [
      'sql',
      'migrate',
      'check',
      'inventory',
      '--dialect',
      '--url',
      '--since',
      '--prefix',
      '--schema',
    ])
      expect(out).toContain(word)
    for (const word of ['--preset', '--config', '--version', 'DATABASE_URL', '0 ', '1 ', '2 ', '3 '])
      expect(out).toContain(word)
    expect(out.split('\n').filter((line) => line.length > 120)).toEqual([])
  })

  it('is the version', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(await usercore('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' })
  })

  it.each(['postgres', 'mysql', 'sqlite', 'pglite'] as const)('are the statements for %s', async (dialect) => {
    const all = (await migrationSql({ dialect, prefix: 'p_' })).map((statement) => `${statement}\n`).join('')
    expect(await usercore(`sql --dialect ${dialect} --prefix p_`)).toEqual({ code: 0, out: all, err: '' })
    const since = '0011-retirement-work'
    const later = (await migrationSql({ dialect, since })).map((statement) => `${statement}\n`).join('')
    expect((await usercore(`sql --dialect ${dialect} --since ${since}`)).out).toBe(later)
  })

  it('are statements beside Open edX', async () => {
    const { code, out } = await usercore('sql --dialect mysql --preset open-edx')
    expect(code).toBe(0)
    expect(out).toContain('usercore_outbox')
    expect(out).not.toContain('usercore_users')
    expect(out).toContain('references `auth_user`')
  })

  it('is the record of personal data, with the tables of the site', async () => {
    const ours = readFileSync(join(root, 'inventory.md'), 'utf8')
    expect(await usercore('inventory --dialect postgres')).toEqual({ code: 0, out: ours, err: '' })
    const { out } = await usercore(`inventory --config ${config(`export default { sources: [${orders}] }`)}`)
    expect(out).toContain('## orders')
    expect(out.length).toBeGreaterThan(ours.length)
  })
})

const orders = `{
  source: 'orders', table: 'orders', subject: { user_id: 'customer_id' }, key: ['id'],
  columns: { id: 'key', customer_id: 'key', note: 'free_text' }, treatment: { erase: 'columns', emptied: { note: '' } } }`

describe('a database', () => {
  it('that has nothing is told by 1, and all is well after migrate', async () => {
    const path = newFile('sqlite')
    new DatabaseSync(path).close()
    const before = await usercore(`check --dialect sqlite --url ${path}`)
    expect(before.code).toBe(1)
    expect(before.out).toMatch(/^step_missing 0001-accounts$.*^no_table users$/ms)
    const steps = stepNames.map((step) => `${step}\n`).join('')
    expect(await usercore('migrate --dialect sqlite', { DATABASE_URL: path })).toEqual({ code: 0, out: steps, err: '' })
    expect(await usercore(`migrate --dialect sqlite --url ${path}`)).toEqual({ code: 0, out: '', err: '' })
    expect(await usercore(`check --dialect sqlite --url file://${path}`)).toEqual({ code: 0, out: '', err: '' })
    expect((await usercore(`check --dialect sqlite --url ${path} --prefix p_`)).code).toBe(1)
  })

  it('is made by migrate, with the SQLite of Node where the project has no other', async () => {
    const env = { DATABASE_URL: newFile('sqlite') }
    expect((await usercore('migrate --dialect sqlite', env, folder)).code).toBe(0)
    expect((await usercore('check --dialect sqlite', env, folder)).code).toBe(0)
  })

  it('without a column that this release reads is told by 1', async () => {
    const path = newFile('sqlite')
    await usercore(`migrate --dialect sqlite --url ${path}`)
    const database = new DatabaseSync(path)
    database.exec('alter table usercore_profiles drop column bio')
    database.close()
    const after = await usercore(`check --dialect sqlite --url ${path}`)
    expect(after).toEqual({ code: 1, out: 'no_column profiles.bio\n', err: '' })
  })

  it('of a newer release is refused by migrate with 3', async () => {
    const path = newFile('sqlite')
    await usercore(`migrate --dialect sqlite --url ${path}`)
    const database = new DatabaseSync(path)
    database.exec(`insert into usercore_migrations values ('9999-later', '2030')`)
    database.close()
    const { code, err } = await usercore(`migrate --dialect sqlite --url ${path}`)
    expect(code).toBe(3)
    expect(err).toContain('9999-later')
    expect(err).not.toContain('--help')
    const checked = await usercore(`check --dialect sqlite --url ${path}`)
    expect(checked).toMatchObject({ code: 1, out: 'step_unknown 9999-later\n' })
  })

  it.each([
    ['postgres', 'postgres://ada:mellon@127.0.0.1:1/x'],
    ['mysql', 'mysql://ada:mellon@127.0.0.1:1/x'],
  ])('that does not answer ends with 3, and no password is told: %s', async (dialect, url) => {
    for (const command of ['check', 'migrate']) {
      const { code, out, err } = await usercore(`${command} --dialect ${dialect}`, { DATABASE_URL: url })
      expect({ code, out }).toEqual({ code: 3, out: '' })
      expect(err).toContain('ECONNREFUSED')
      expect(err).not.toContain('mellon')
    }
  })
})

describe('the file of --config', () => {
  it('gives the table of people and those of the site, which check compares too; a flag wins', async () => {
    const path = newFile('sqlite')
    const database = new DatabaseSync(path)
    database.exec(`create table members (id text primary key not null, login text not null, mail text not null,
        enabled integer not null, joined text not null);
      create unique index members_login on members (lower(login));
      create table orders (id integer primary key, customer_id text references members (id), note text, phone text)`)
    const columns = `{ id: 'id', username: 'login', email: 'mail', is_active: 'enabled', date_joined: 'joined' }`
    const users = `{ table: 'members', idType: 'text', columns: ${columns}, newId: () => 'm' }`
    const text = `export default { dialect: 'sqlite', prefix: 'p_', users: ${users}, sources: [${orders}] } as object`
    const line = `--config ${config(text, 'ts')} --url ${path}`
    expect((await usercore(`migrate ${line}`)).code).toBe(0)
    const { code, out } = await usercore(`check ${line}`)
    expect(code).toBe(1)
    expect(out.split('\n').map((each) => each.split(' ').slice(0, 2).join(' '))).toEqual([
      'not_unique mail:',
      ...['unclassified_column', 'unindexed_subject'].map((name) => expect.stringContaining(name)),
      '',
    ])
    database.exec(`create unique index members_mail on members (lower(mail)); create index o on orders (customer_id);
      alter table orders drop column phone`)
    expect(await usercore(`check ${line}`)).toEqual({ code: 0, out: '', err: '' })
    expect((await usercore(`check ${line} --prefix q_`)).code).toBe(1)
    database.close()
  })

  it('opens a database of its own, which is closed in the end', async () => {
    const text = `import { PGlite } from '${join(root, 'node_modules/@electric-sql/pglite/dist/index.js')}'
      import { Kysely, PGliteDialect } from '${join(root, 'node_modules/kysely/dist/index.js')}'
      export const pglite = new PGlite()
      export default { dialect: 'pglite', connect: () => new Kysely({ dialect: new PGliteDialect({ pglite }) }) }`
    const file = config(text)
    const { code, out } = await usercore(`migrate --config ${file}`)
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('0001-accounts') })
    expect((await import(file)).pglite.closed).toBe(true)
  }, 60_000)
})
