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
      'definePersonalData',
      'definePipeline',
      'definePreferences',
      'errorStatus',
      'fileJournal',
      'genders',
      'inventoryMarkdown',
      'isTimeZone',
      'isUserCoreError',
      'levelsOfEducation',
      'listTimeZones',
      'system',
      'toCloudEvent',
      'userCoreSources',
    ])
  })

  it('has the port, the adapters and the contract under names of their own', async () => {
    expect(Object.keys(await import('usercore/kysely')).sort()).toEqual([
      'checkCoverage',
      'checkSchema',
      'keptStatements',
      'kyselyJournal',
      'kyselyPersonalData',
      'kyselyRepository',
      'migrate',
      'migrationSql',
      'nodeSqlite',
      'openEdxTables',
      'personalColumnNames',
      'renewKeys',
      'searchIndexes',
      'transactionOver',
      'verifyMapping',
    ])
    expect(Object.keys(await import('usercore/port')).sort()).toEqual([
      'StorageError',
      'accountPreferences',
      'areStorable',
      'chunkRows',
      'identifierKey',
      'mayHold',
      'mostCounted',
      'notErasable',
      'notNull',
      'notStorable',
      'references',
      'tables',
      'takingTurns',
    ])
    expect(Object.keys(await import('usercore/memory')).sort()).toEqual(['memoryPersonalData', 'memoryRepository'])
    expect(Object.keys(await import('usercore/testing')).sort()).toEqual([
      'contractSources',
      'contractTables',
      'manualClock',
      'testPersonalData',
      'testRepository',
    ])
  })

  it('has declarations that type a project of its own', async () => {
    const tsc = join(import.meta.dirname, '..', 'node_modules', '.bin', 'tsc')
    const { stdout, status } = spawnSync(tsc, ['-p', join(import.meta.dirname, 'consumer')], { encoding: 'utf8' })
    expect(stdout).toBe('')
    expect(status).toBe(0)
    const { use } = await import('./consumer/consumer.ts')
    expect(await use()).toEqual({ title: 'Farmer', since: 1841, theme: 'light', year: null })
  }, 60_000)

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

/** What the code of each package is known by that is built into files of ours. */
const marks = {
  'fast-deep-equal': 'node_modules/fast-deep-equal/',
  'fast-json-patch': 'node_modules/fast-json-patch/',
  'json-merge-patch': 'node_modules/json-merge-patch/',
  uuid: 'Random bytes length must be',
}

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

  it('holds few files of code with their maps, declarations, the pages that belong to a package, and nothing else', () => {
    const modules = globSync('**/*.ts', { cwd: join(root, 'src'), exclude: ['**/*.d.ts'] })
    const declarations = modules.map((file) => `dist/${file.slice(0, -'.ts'.length)}.d.ts`)
    const guides = globSync('examples/guides/*.md', { cwd: root })
    const pages = ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'dist/licenses.txt', 'package.json']
    const code = tarball.files.filter((file) => file.endsWith('.js'))
    expect(tarball.files).toEqual(
      [...pages, ...guides, ...declarations, ...code, ...code.map((file) => `${file}.map`)].sort(),
    )
    expect(code.length).toBeLessThanOrEqual(15)
  })

  it('holds the licenses of the packages of which it holds a part', () => {
    const maps = tarball.files.filter((file) => file.endsWith('.map'))
    const sources = maps.flatMap((map): string[] => JSON.parse(installed(map)).sources)
    const held = sources.flatMap((source) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? [])
    const named = [...installed('dist/licenses.txt').matchAll(/^(\S+) \d+\.\d+\.\d+$/gm)].map(([, name]) => name)
    expect(named).toEqual(['fast-deep-equal', 'fast-json-patch', 'json-merge-patch', 'uuid'])
    expect(named).toEqual([...new Set(held)].sort())
  })

  it.each([
    { entry: 'usercore', files: 6, packages: ['zod'] },
    { entry: 'usercore/rules', files: 2, packages: [] },
    { entry: 'usercore/memory', files: 5, packages: [] },
    { entry: 'usercore/port', files: 5, packages: [] },
  ])('$entry loads few files, and what few calls need only when they do', async ({ entry, files, packages }) => {
    const loaded = (await run(listing(entry))).split('\n')
    expect(loaded.filter((url) => url.includes('/usercore/dist/')).length).toBeLessThanOrEqual(files)
    const others = loaded.flatMap((url) => /node_modules\/((?!usercore\/)(?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? [])
    expect([...new Set(others)]).toEqual(packages)
    expect(loaded).not.toContain('node:crypto')
    expect(loaded).not.toContain('node:net')
    expect(loaded).not.toContain('node:util')
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

  it('has a command line, of one file, that asks for kysely where it is missing', async () => {
    const { bin } = JSON.parse(installed('package.json'))
    expect(Object.keys(bin)).toEqual(['usercore'])
    expect(tarball.files.filter((file) => /^dist\/command\/.*\.js$/.test(file))).toEqual([join(bin.usercore)])
    const sources = sourcesOf(join(bin.usercore))
    expect(sources.filter((source) => !source.startsWith('../../src/command/'))).toEqual([])
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [join('node_modules/usercore', bin.usercore), ...args], {
        cwd: project,
        encoding: 'utf8',
      })
    expect(run('--help').stdout).toContain('npx usercore check')
    expect(run('inventory').stdout).toBe(readFileSync(join(root, 'inventory.md'), 'utf8'))
    const refused = run('sql', '--dialect', 'postgres')
    expect(refused).toMatchObject({ status: 2, stdout: '' })
    expect(refused.stderr).toContain('kysely cannot be loaded: install it')
  })

  it('can be required by CommonJS code', async () => {
    const program = readFileSync(join(root, 'test', 'consumer', 'commonjs.cjs'), 'utf8')
    expect(await run(program)).toBe('ada@example.com')
  })

  it('lets bundlers leave out every statement that is not used', async () => {
    // The command line is a program, which no other imports.
    const code = tarball.files.filter((file) => file.endsWith('.js') && !file.startsWith('dist/command/'))
    const kept = await Promise.all(code.map(async (file) => [file, await keptOf(file)] as const))
    const names = kept.filter(([, text]) => text !== '').map(([file]) => file)
    // The library of ids fills a table. It has a file of its own, which bundlers leave out as a whole.
    expect(names.map((file) => sourcesOf(file).filter((source) => !source.includes('/uuid/')))).toEqual([
      ['../src/runtime/draw-id.ts'],
    ])
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
    expect(packages).toEqual(expect.arrayContaining(['zod', ...Object.keys(marks)]))
    expect(packages).not.toContain('kysely')
    expect(packages).not.toContain('zod locales')
  })

  /** Returns the text of a file of the installed package. */
  function installed(file: string): string {
    return readFileSync(join(project, 'node_modules', 'usercore', file), 'utf8')
  }

  function sourcesOf(file: string): string[] {
    return JSON.parse(installed(`${file}.map`)).sources
  }

  /** Returns a program that prints the address of each module that an import of an entry loads. */
  function listing(entry: string): string {
    return `require('node:module').registerHooks({ load: (url, context, next) => (console.log(url), next(url, context)) })
      import('${entry}')`
  }

  /** Returns what a bundle keeps of a file that is imported, and of which nothing is used, comments apart. */
  async function keptOf(file: string): Promise<string> {
    const { outputFiles } = await build({
      stdin: { contents: `import './${file}'`, resolveDir: join(project, 'node_modules', 'usercore') },
      bundle: true,
      format: 'esm',
      minify: true,
      legalComments: 'none',
      write: false,
      plugins: [
        {
          name: 'this file alone',
          setup({ onResolve, resolve }) {
            onResolve({ filter: /./ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
              if (importer !== '<stdin>') return { path, external: true, sideEffects: false }
              if (pluginData === 'resolved') return undefined
              const found = await resolve(path, { importer, resolveDir, kind, pluginData: 'resolved' })
              return { path: found.path, sideEffects: true }
            })
          },
        },
      ],
    })
    return outputFiles.map(({ text }) => text.trim()).join()
  }

  /** The packages of which a bundle of one name of an entry, or of all of them, holds a part. */
  async function bundle(name: string, entry = 'usercore'): Promise<string[]> {
    const { metafile, outputFiles } = await build({
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
    const [{ text = '' } = {}] = outputFiles
    const inside = Object.entries(marks).flatMap(([name, mark]) => (text.includes(mark) ? [name] : []))
    const taken = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    const packages = taken.map(([path]) => {
      const within = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
      // English comes with zod's core.
      return /^zod\/.*\/locales\/(?!en\.)/.test(within) ? 'zod locales' : (/^(@[^/]+\/)?[^/]+/.exec(within)?.[0] ?? '')
    })
    const imported = (output?.imports ?? []).map(({ path }) => path).filter((path) => !path.startsWith('node:'))
    return [...new Set([...packages, ...inside, ...imported])]
      .filter((name) => name !== 'usercore' && name !== '<stdin>')
      .sort()
  }
}, 60_000)
