import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { pack } from '../support/pack.ts'
import { install, newFolder, type Project, run } from './project.ts'

const programs = join(import.meta.dirname, 'runtimes')
const commonjs = join(import.meta.dirname, '..', 'consumer', 'commonjs.cjs')

/** What `use.mjs` makes of the library, wherever it runs. */
const used = {
  extended_profile: [
    { field_name: 'occupation', field_value: { name: 'Farmer', crops: ['rye', { oats: 1.5 }, 'barley'] } },
  ],
  refused: 'name_has_html',
  retired: true,
}

let tarball: string
beforeAll(async () => {
  tarball = (await pack(newFolder())).path
})

/** Installs the package beside others, with the programs. */
async function project(packages: readonly string[]): Promise<Project> {
  const made = await install([tarball, ...packages])
  cpSync(programs, made.folder, { recursive: true })
  cpSync(commonjs, join(made.folder, 'commonjs.cjs'))
  return made
}

/** Each line of JSON that a program printed. */
function printed(output: string): unknown[] {
  return output.split('\n').flatMap((line) => (line.trim().startsWith('{') ? [JSON.parse(line)] : []))
}

describe('a runtime', () => {
  it('Node does everything', async () => {
    const { folder } = await project(['kysely@^0.29.0'])
    const { stdout } = await run(process.execPath, ['program.mjs'], { cwd: folder })
    expect(printed(stdout)).toEqual([{ runtime: 'node', memory: used, sqlite: used }])
  })

  it.for([
    ['bun', ['run', 'program.mjs']],
    ['deno', ['run', '--allow-all', 'program.mjs']],
  ] as const)('%s does the same, where the registry has it', async ([name, command], { skip }) => {
    const known = await run('npm', ['view', name, 'version']).catch(() => undefined)
    skip(known === undefined, `the registry has no ${name}`)
    const { folder } = await project(['kysely@^0.29.0', name])
    const { stdout } = await run(join(folder, 'node_modules', '.bin', name), command, { cwd: folder })
    expect(printed(stdout)).toEqual([{ runtime: name, memory: used, sqlite: used }])
  })
})

const readme = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8')

/** How Jest is set up: `transform` and what goes with it. */
const jestConfigs = {
  plain: { transform: {} },
  // Compiles to CommonJS what has no CommonJS of its own, as the README says.
  compiled: JSON.parse(/```json\n(\{\n {2}"transform".*?)```/s.exec(readme)?.[1] ?? ''),
}

describe('a test runner', () => {
  let folder: string
  beforeAll(async () => {
    const babel = ['modules-commonjs', 'dynamic-import'].map((name) => `@babel/plugin-transform-${name}@^7`)
    const packages = ['kysely@^0.29.0', 'jest@^30', ...babel, 'vitest@^5']
    folder = (await project(packages)).folder
  })

  it.each([
    { kind: 'ES modules', file: 'works.test.mjs', config: jestConfigs.plain, flags: ['--experimental-vm-modules'] },
    { kind: 'CommonJS', file: 'works.test.cjs', config: jestConfigs.plain, flags: ['--experimental-vm-modules'] },
    { kind: 'CommonJS, compiled', file: 'works.test.cjs', config: jestConfigs.compiled, flags: [] },
  ])('Jest 30 runs it: $kind', async ({ file, config, flags }) => {
    const settings = { ...config, testMatch: [`**/${file}`], moduleFileExtensions: ['js', 'cjs', 'mjs', 'json'] }
    writeFileSync(join(folder, 'jest.json'), JSON.stringify(settings))
    const jest = join(folder, 'node_modules', 'jest', 'bin', 'jest.js')
    const command = [...flags, jest, '--config', 'jest.json', '--silent=false', '--verbose=false']
    const { stdout, stderr } = await run(process.execPath, command, { cwd: folder })
    expect(stderr).toMatch(/Tests:\s+2 passed, 2 total/)
    expect(printed(stdout + stderr)).toEqual([used, used])
  })

  it.each(['threads', 'forks', 'vmThreads', 'vmForks'])('vitest runs it in its pool %s', async (pool) => {
    const vitest = join(folder, 'node_modules', 'vitest', 'vitest.mjs')
    const command = [vitest, 'run', '--globals', `--pool=${pool}`, 'works.test.mjs']
    const { stdout } = await run(process.execPath, command, { cwd: folder, env: { ...process.env, NO_COLOR: '1' } })
    expect(printed(stdout)).toEqual([used, used])
  })
})

describe('the lowest versions', () => {
  const drivers = ['kysely@0.29.0', 'mysql2@3.17.0', 'pg@8.0.3']
  /** What each version of Node is the first to do. */
  const nodes = [
    { version: '22.3.0', does: 'ES modules', program: 'memory.mjs', prints: JSON.stringify(used) },
    { version: '22.12.0', does: 'CommonJS', program: 'commonjs.cjs', prints: 'ada@example.com' },
    {
      ...{ version: '22.16.0', does: 'node:sqlite', program: 'program.mjs' },
      prints: JSON.stringify({ runtime: 'node', memory: used, sqlite: used }),
    },
  ]

  let folder: string
  beforeAll(async () => {
    const versions = nodes.map(({ version }) => `node-${version}@npm:node@${version}`)
    folder = (await project([...drivers, ...versions])).folder
  })

  it.each(nodes)('of Node for $does is $version', async ({ version, program, prints }) => {
    const node = join(folder, 'node_modules', `node-${version}`, 'bin', 'node')
    expect((await run(node, ['--version'])).stdout.trim()).toBe(`v${version}`)
    const { stdout } = await run(node, [program], { cwd: folder })
    expect(stdout.trim()).toBe(prints)
  })

  it.for([
    ['postgres', 'TEST_POSTGRES_URL'],
    ['mysql', 'TEST_MARIADB_URL'],
    ['mysql', 'TEST_MYSQL_URL'],
  ] as const)('of drivers serve %s (%s)', async ([dialect, variable], { skip }) => {
    const { [variable]: url = '' } = process.env
    skip(url === '', `${variable} is not set`)
    const { stdout } = await run(process.execPath, ['server.mjs', dialect, url], { cwd: folder })
    expect(printed(stdout)).toEqual([used])
  })
})
