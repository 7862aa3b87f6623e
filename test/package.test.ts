import { execFile, spawnSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pack, type Tarball, unpack } from './support/pack.ts'

const root = join(import.meta.dirname, '..')

describe('the built package', () => {
  it('has the core under its name', async () => {
    const usercore = await import('usercore')
    expect(Object.keys(usercore).sort()).toEqual([
      'UserCoreError',
      'accountPrivacies',
      'anonymous',
      'createUserCore',
      'defaultPipeline',
      'defineExtendedProfile',
      'definePipeline',
      'definePreferences',
      'errorStatus',
      'genders',
      'isTimeZone',
      'isUserCoreError',
      'levelsOfEducation',
      'listTimeZones',
      'system',
    ])
  })

  it('has the port, the adapters and the contract under names of their own', async () => {
    expect(Object.keys(await import('usercore/kysely')).sort()).toEqual([
      'checkSchema',
      'keptStatements',
      'kyselyRepository',
      'migrate',
      'migrationSql',
      'nodeSqlite',
      'openEdxTables',
      'renewKeys',
      'verifyMapping',
    ])
    expect(Object.keys(await import('usercore/port')).sort()).toEqual([
      'StorageError',
      'accountPreferences',
      'areStorable',
      'identifierKey',
      'notNull',
      'notStorable',
      'references',
      'tables',
      'takingTurns',
    ])
    expect(Object.keys(await import('usercore/memory'))).toEqual(['memoryRepository'])
    expect(Object.keys(await import('usercore/testing')).sort()).toEqual(['manualClock', 'testRepository'])
  })

  it('has declarations that type a project of its own', async () => {
    const tsc = join(import.meta.dirname, '..', 'node_modules', '.bin', 'tsc')
    const { stdout, status } = spawnSync(tsc, ['-p', join(import.meta.dirname, 'consumer')], { encoding: 'utf8' })
    expect(stdout).toBe('')
    expect(status).toBe(0)
    const { use } = await import('./consumer/consumer.ts')
    expect(await use()).toEqual({ title: 'Farmer', since: 1841, theme: 'light', year: null })
  })

  it('has one error class for all of them', async () => {
    const { createUserCore, system, UserCoreError } = await import('usercore')
    const { StorageError } = await import('usercore/port')
    const { kyselyRepository } = await import('usercore/kysely')
    const { Kysely, SqliteDialect } = await import('kysely')
    const { default: Database } = await import('better-sqlite3')
    const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(':memory:') }) })
    const users = createUserCore({ repository: kyselyRepository(db, { dialect: 'sqlite' }) })
    const error = await users.accounts.get(system, 'ada').catch((thrown) => thrown)
    expect(error).toBeInstanceOf(UserCoreError)
    expect(error.cause).toBeInstanceOf(StorageError)
  })
})

it('names no author, home page, issue tracker or repository while there is none', () => {
  const { license, ...metadata } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  expect(license).toBe('MIT')
  const names = ['author', 'contributors', 'homepage', 'bugs', 'repository', 'funding']
  expect(names.filter((name) => name in metadata)).toEqual([])
})

describe('the package as it would be published', () => {
  const project = mkdtempSync(join(tmpdir(), 'usercore-package-'))
  afterAll(() => rmSync(project, { recursive: true }))

  let tarball: Tarball
  beforeAll(async () => {
    tarball = await pack(project)
    await unpack(tarball, join(project, 'node_modules', 'usercore'))
    // Its dependencies and nothing else: no peer.
    const { dependencies } = createRequire(import.meta.url)('../package.json')
    for (const name of Object.keys(dependencies)) {
      const link = join(project, 'node_modules', name)
      mkdirSync(dirname(link), { recursive: true })
      symlinkSync(join(root, 'node_modules', name), link)
    }
  })

  /** Runs a program in the project. Returns its output. */
  async function run(program: string): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, ['--eval', program], { cwd: project })
    return stdout.trim()
  }

  it('holds each module with its declarations, the pages that belong to a package, and nothing else', () => {
    const modules = globSync('**/*.ts', { cwd: join(root, 'src'), exclude: ['**/*.d.ts'] })
    const built = modules.map((file) => `dist/${file.slice(0, -'.ts'.length)}`)
    const pages = ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json']
    expect(tarball.files).toEqual([...pages, ...built.flatMap((file) => [`${file}.d.ts`, `${file}.js`])].sort())
  })

  it.each(['usercore', 'usercore/memory', 'usercore/port', 'usercore/rules', 'usercore/testing'])(
    '%s works without kysely',
    async (entry) => {
      expect(await run(`import('${entry}').then((entry) => console.log(Object.keys(entry).length > 0))`)).toBe('true')
    },
  )

  it('usercore/kysely imports kysely by name', async () => {
    await expect(run(`import('usercore/kysely')`)).rejects.toThrow(/Cannot find package 'kysely'/)
  })

  it('can be required by CommonJS code', async () => {
    const program = readFileSync(join(root, 'test', 'consumer', 'commonjs.cjs'), 'utf8')
    expect(await run(program)).toBe('ada@example.com')
  })

  it('leaves bundles of one pure function without kysely, zod and everything else', async () => {
    expect(await bundle('errorStatus')).toEqual([])
    expect(await bundle('identifierKey', 'usercore/rules')).toEqual([])
    expect(await bundle('applyMergePatch', 'usercore/rules')).toEqual(['fast-deep-equal', 'json-merge-patch'])
    expect(await bundle('applyJsonPatch', 'usercore/rules')).toEqual(['fast-json-patch'])
  })

  it('leaves a bundle of all rules without kysely, zod and the modules that draw ids', async () => {
    expect(await bundle('*', 'usercore/rules')).toEqual(['fast-deep-equal', 'fast-json-patch', 'json-merge-patch'])
  })

  it('leaves bundles of the whole core without kysely and the languages of zod', async () => {
    const packages = await bundle('createUserCore')
    expect(packages).toContain('zod')
    expect(packages).not.toContain('kysely')
    expect(packages).not.toContain('zod locales')
  })

  /** The packages of which a bundle of one name of an entry, or of all of them, holds a part. */
  async function bundle(name: string, entry = 'usercore'): Promise<string[]> {
    const { metafile } = await build({
      stdin: {
        contents: name === '*' ? `export * from '${entry}'` : `export { ${name} } from '${entry}'`,
        resolveDir: project,
      },
      bundle: true,
      format: 'esm',
      platform: 'node',
      external: ['kysely'],
      metafile: true,
      write: false,
    })
    const [output] = Object.values(metafile.outputs)
    const taken = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    const packages = taken.map(([path]) => {
      const inside = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
      // English comes with zod's core.
      return /^zod\/.*\/locales\/(?!en\.)/.test(inside) ? 'zod locales' : (/^(@[^/]+\/)?[^/]+/.exec(inside)?.[0] ?? '')
    })
    const imported = (output?.imports ?? []).map(({ path }) => path).filter((path) => !path.startsWith('node:'))
    return [...new Set([...packages, ...imported])].filter((name) => name !== 'usercore' && name !== '<stdin>').sort()
  }
}, 60_000)
