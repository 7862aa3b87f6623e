import { cpSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { pack, type Tarball } from '../support/pack.ts'
import { install, newFolder, run } from './project.ts'

const consumer = join(import.meta.dirname, '..', 'consumer')

/** The compilers that a host may have. */
const compilers = ['5.9', '6.0', '7.0']

/** How a host may resolve modules: its compiler options, and the kinds of files that it has. */
const resolutions = [
  { moduleResolution: 'nodenext', module: 'nodenext', files: ['consumer.ts', 'kysely.ts', 'commonjs.cjs'] },
  { moduleResolution: 'bundler', module: 'esnext', files: ['consumer.ts', 'kysely.ts'] },
  { moduleResolution: 'node16', module: 'node20', files: ['consumer.ts', 'kysely.ts', 'commonjs.cjs'] },
  { moduleResolution: 'node16', module: 'node16', files: ['consumer.ts', 'kysely.ts', 'node16.cts'] },
]

let tarball: Tarball
beforeAll(async () => {
  tarball = await pack(newFolder())
})

describe('a fresh project with kysely', () => {
  let folder: string
  beforeAll(async () => {
    const typescripts = compilers.map((version) => `typescript-${version}@npm:typescript@~${version}.0`)
    const packages = [tarball.path, 'kysely@^0.29.0', 'zod@^4', '@types/node@^24', ...typescripts]
    folder = (await install(packages)).folder
    cpSync(consumer, folder, { recursive: true })
  })

  it.each(compilers.flatMap((version) => resolutions.map((resolution) => ({ version, ...resolution }))))(
    'is typed by TypeScript $version with module $module and moduleResolution $moduleResolution, without skipLibCheck',
    async ({ version, module, moduleResolution, files }) => {
      const config = join(folder, `tsconfig.${version}.${module}.json`)
      const compilerOptions = { module, moduleResolution, skipLibCheck: false, allowJs: true, checkJs: true }
      writeFileSync(config, JSON.stringify({ extends: './tsconfig.json', compilerOptions, include: [], files }))
      const tsc = join(folder, 'node_modules', `typescript-${version}`, 'bin', 'tsc')
      expect((await run(process.execPath, [tsc, '--version'])).stdout).toContain(version)
      const { stdout } = await run(process.execPath, [tsc, '-p', config]).catch((error) => error)
      expect(stdout).toBe('')
    },
  )

  it('runs them, as an ES module and as CommonJS', async () => {
    const esm = `import { use } from './consumer.ts'; console.log(JSON.stringify(await use()))`
    const options = { cwd: folder }
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', esm], options)
    expect(JSON.parse(stdout)).toEqual({ title: 'Farmer', since: 1841, theme: 'light', year: null })
    const commonjs = await run(process.execPath, ['commonjs.cjs'], options)
    expect(commonjs.stdout.trim()).toBe('ada@example.com')
  })

  it.each([
    [
      'usercore/rules',
      `module.applyJsonPatch({}, [{ op: 'x' }])`,
      /at readOperation \(.*src\/patch\/json-patch\.ts:\d+:\d+\)/,
    ],
    ['usercore', 'module.createUserCore({})', /at configError \(.*src\/values\/arguments\.ts:\d+:\d+\)/],
  ])('names the functions and lines of %s in stack traces, by its source maps', async (entry, call, place) => {
    const code = `const module = await import('${entry}'); try { ${call} } catch (error) { console.log(error.stack) }`
    const args = ['--enable-source-maps', '--input-type=module', '--eval', code]
    expect((await run(process.execPath, args, { cwd: folder })).stdout).toMatch(place)
  })
})

describe('the command line in a fresh project', () => {
  it.each([
    ['with better-sqlite3', ['kysely@^0.29.0', 'better-sqlite3@^13', 'pg@^8', 'mysql2@^3']],
    ['with the SQLite of Node', ['kysely@^0.29.0']],
  ])(
    '%s makes the tables, has nothing to report after that, and prints the record of personal data',
    async (_, packages) => {
      const { folder } = await install([tarball.path, ...packages])
      const usercore = (...args: string[]) =>
        run(join(folder, 'node_modules', '.bin', 'usercore'), args, { cwd: folder }).catch((error) => error)
      const url = ['--dialect', 'sqlite', '--url', 'users.sqlite']
      expect((await usercore('migrate', ...url)).stdout).toContain('0001-accounts')
      const checked = await usercore('check', ...url)
      expect([checked.code ?? 0, checked.stdout]).toEqual([0, ''])
      expect((await usercore('check', ...url, '--prefix', 'p_')).code).toBe(1)
      expect((await usercore('check')).code).toBe(2)
      expect((await usercore('inventory')).stdout).toContain('# Record of personal data')
      for (const dialect of packages.includes('pg@^8') ? ['postgres', 'mysql'] : []) {
        const refused = await usercore('check', '--dialect', dialect, '--url', `${dialect}://127.0.0.1:1/x`)
        expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('ECONNREFUSED')])
      }
    },
  )
})

describe('a fresh project without kysely', () => {
  it('installs without a word about peers, and runs the core', async () => {
    const { folder, said } = await install([tarball.path])
    expect(said).not.toMatch(/peer|ERESOLVE/i)
    expect(existsSync(join(folder, 'node_modules', 'kysely'))).toBe(false)
    const program = `
      import { createUserCore } from 'usercore'
      import { memoryRepository } from 'usercore/memory'
      import { testRepository } from 'usercore/testing'
      console.log(typeof createUserCore({ repository: memoryRepository() }).accounts.get, typeof testRepository)`
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], { cwd: folder })
    expect(stdout.trim()).toBe('function function')
  })
})
