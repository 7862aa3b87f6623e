import { execFile } from 'node:child_process'
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { defaultSettings } from '../src/site/default-settings.ts'
import { openEdxDatabase } from './stores/open-edx.ts'
import { serverUrls } from './stores/servers.ts'
import { blocks, compile, installs, makeProject, runProgram } from './support/page-programs.ts'

/**
 * The guides of the reference are run as a reader would run them, each in a project that has what it installs:
 *
 * - A `ts` block whose first line is a comment with a name, such as `// usercore.config.ts`, is a file. The others of a page
 *   are one program, in which the text behind `console.log(…) //` is the expected output.
 * - A `sh` block before the program is run before it, one behind it afterwards, and has to end well. Those with `curl` are
 *   requests, as in the README; `npm install` names the packages.
 *
 * The pages on errors and messages are lists, whose examples `doc-examples.test.ts` runs.
 */
const root = join(import.meta.dirname, '..')

interface Guide {
  readonly name: string
  readonly text: string
  /** The program that it makes. */
  readonly code: string
  /** The other files of the project. */
  readonly files: readonly { readonly name: string; readonly code: string }[]
}

const fileName = /^\/\/ (\S+\.ts)\n/
const guides = globSync('examples/guides/*.md', { cwd: root })
  .toSorted()
  .map((file): Guide => {
    const text = readFileSync(join(root, file), 'utf8')
    const code = blocks(text, 'ts')
    const files = code.flatMap((block) => {
      const [, name] = fileName.exec(block) ?? []
      return name === undefined ? [] : [{ name, code: block }]
    })
    return { name: basename(file, '.md'), text, code: code.filter((block) => !fileName.test(block)).join('\n'), files }
  })
const guideOf = (name: string) => guides.find((guide) => guide.name === name) as Guide
const programs = guides.filter(({ code, files }) => files.length > 0 || code.startsWith('import '))

/** The commands of a page before its program, and behind it. */
function commandsOf({ text }: Guide): { before: string[]; behind: string[] } {
  const first = text.indexOf('```ts\nimport')
  const isCommand = (block: string) => !/^(?:curl|npm install) /.test(block)
  const behind = first < 0 ? text : text.slice(first)
  return {
    before: blocks(first < 0 ? '' : text.slice(0, first), 'sh').filter(isCommand),
    behind: blocks(behind, 'sh').filter(isCommand),
  }
}

describe('the guides', () => {
  it('name settings that there are in the map of those of Django', () => {
    const [, map = ''] = /^\| Django \|.*?\n\| --- .*?\n(.*?)$(?!\n\|)/ms.exec(guideOf('beside-open-edx').text) ?? []
    const ours = map.split('\n').flatMap((row) => row.split('|')[2]?.match(/\b[a-z]+(?:_[a-z]+)+\b/g) ?? [])
    expect(ours.length).toBeGreaterThan(12)
    expect(ours.filter((name) => !(name in defaultSettings))).toEqual([])
  })

  it('are those that the README and the map of the examples name', () => {
    expect(guides.map(({ name }) => name)).toEqual([
      'beside-open-edx',
      'errors',
      'messages',
      'operating',
      'personal-data',
      'preferences',
      'retirement',
      'security',
      'ten-minutes',
      'unit-tests',
      'visibility',
      'your-user-table',
    ])
    for (const page of ['README.md', 'examples/README.md']) {
      const text = readFileSync(join(root, page), 'utf8')
      expect(guides.filter(({ name }) => !text.includes(`guides/${name}.md)`)).map(({ name }) => name)).toEqual([])
    }
  })

  it.each(guides)('$name has no block that is not run, and lines of at most 120 characters', ({ text }) => {
    const languages = [...text.matchAll(/^```(\S*)\n.*?^```$/gms)].map(([, language]) => language)
    expect(languages.filter((language) => !['ts', 'sh', 'json'].includes(language ?? ''))).toEqual([])
    const outside = text.replaceAll(/^```.*?^```$/gms, '')
    expect(outside.split('\n').filter((line) => line.length > 120 && !line.startsWith('|'))).toEqual([])
  })

  it.each(programs)('$name has at most three screens', ({ text }) => {
    expect(text.split('\n').length).toBeLessThanOrEqual(150)
  })
})

/** A password of Django's own tests, `lètmein`. */
const ofDjango = 'pbkdf2_sha256$320000$seasalt$Toj2II2rBvFiGQcPmUml1Nlni2UtvyRWwz/jz4q6q/4='

/** Makes a database of Open edX with one person, and returns its address. */
async function openEdxUrl(server: string): Promise<string> {
  const database = await openEdxDatabase(server, 'utf8mb4_general_ci')
  onTestFinished(() => database.close())
  const db = database.connect()
  await sql`insert into auth_user values (1, ${ofDjango}, null, 0, 'ada', '', '', 'ada@example.com', 0, 1, '2024-10-01')`.execute(
    db,
  )
  await sql`insert into auth_userprofile (name, meta, courseware, language, location, user_id)
    values ('Ada', '', '', '', '', 1)`.execute(db)
  const { rows } = await sql<{ name: string }>`select database() as name`.execute(db)
  return Object.assign(new URL(server), { pathname: `/${rows[0]?.name}` }).href
}

describe('the code in the guides', () => {
  const project = makeProject([...new Set([...programs.flatMap(({ text }) => installs(text)), '@types/node'])])
  afterAll(() => rmSync(project, { recursive: true }))
  beforeAll(() => {
    for (const { name, code, files } of programs) {
      for (const file of files) writeFileSync(join(project, file.name), file.code)
      if (code !== '') writeFileSync(join(project, `${name}.ts`), code)
    }
  })

  it('has programs to run, whose files have names of their own', () => {
    expect(programs).toHaveLength(guides.length - 2)
    const names = programs.flatMap(({ files }) => files.map(({ name }) => name))
    expect(names).toEqual([...new Set(names)])
  })

  it('compiles', async () => expect(await compile(project)).toBe(''))

  it.for(programs)('runs: $name', async (guide, { skip }) => {
    const isOpenEdx = guide.code.includes('OPEN_EDX_URL')
    skip(isOpenEdx && serverUrls.mariadb === undefined, 'TEST_MARIADB_URL is not set')
    const { before, behind } = commandsOf(guide)
    const run = (command: string) => promisify(execFile)('bash', ['-ec', command], { cwd: project, env: shell })
    for (const command of before) await run(command)
    const env = isOpenEdx ? { OPEN_EDX_URL: await openEdxUrl(serverUrls.mariadb ?? '') } : {}
    if (guide.code !== '') await runProgram(project, `${guide.name}.ts`, guide, env)
    for (const command of behind) await run(command)
  })

  it('read and write passwords as Django does', async () => {
    const { hashDjangoPassword, isDjangoPassword, unusableDjangoPassword } = await import(
      /* @vite-ignore */ join(project, 'django-password.ts')
    )
    expect(await isDjangoPassword('lètmein', ofDjango)).toBe(true)
    const own = await hashDjangoPassword('lètmein')
    expect(own).toMatch(/^pbkdf2_sha256\$600000\$\w{22,}\$[\w+/]{43}=$/)
    expect(own.length).toBeLessThanOrEqual(128)
    expect(await isDjangoPassword('lètmein', own)).toBe(true)
    for (const stored of [
      ofDjango,
      own,
      unusableDjangoPassword(),
      '',
      'pbkdf2_sha256$$$',
      ofDjango.replace('320', '0'),
    ])
      expect(await isDjangoPassword('letmein', stored)).toBe(false)
  })

  /** `npx` finds the programs of the project by itself; a folder that links to the repository has none. */
  const shell = { ...process.env, PATH: `${join(root, 'test', 'support', 'bin')}:${process.env.PATH}` }
}, 120_000)
