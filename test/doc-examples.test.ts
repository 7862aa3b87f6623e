import { execFile } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Documented,
  docComments,
  entryFiles,
  examplesIn,
  exportedDeclarations,
  exportedNames,
  publicOperations,
  sourceFiles,
} from './support/doc-comments.ts'
import { openExampleSite, preparations } from './support/example-site.ts'
import { operationsOf } from './support/operations.ts'

/**
 * The examples in the comments of operations and exported declarations, and those of the pages that the reference has beside
 * them, are compiled together and run one by one, each as the body of a function in which the names of `openExampleSite`,
 * and whatever the library exports, are there.
 */
const root = join(import.meta.dirname, '..')
const files = sourceFiles()
const entries = entryFiles()
const declared = exportedDeclarations(files)

/** The files that the names of entries, and names that have an example, are declared in. */
const sources = new Map(
  [...declared.filter(({ comment }) => examplesIn(comment).length > 0), ...exportedNames(files, entries)].map(
    ({ name, file }) => [name, file] as const,
  ),
)

/** Examples that are compiled and cannot be run here, each with the reason. */
const compiledOnly: Readonly<Record<string, string>> = {
  openEdxTables: 'needs the tables of Open edX on MySQL',
}

interface Example {
  readonly title: string
  /** The name of the operation or the function. */
  readonly name: string
  readonly code: string
  readonly file: string
}

/** The pages of the reference, each as a declaration with one comment. `guides.test.ts` runs the others, which are programs. */
const lists = ['errors', 'messages']
const pages = globSync('examples/guides/*.md', { cwd: root }).map((file) => ({
  name: basename(file, '.md'),
  file,
  line: 1,
  comment: readFileSync(join(root, file), 'utf8'),
}))

const commented = examplesOf([...publicOperations(files), ...declared])
const examples = [...commented, ...examplesOf(pages.filter(({ name }) => lists.includes(name)))]

function examplesOf(documented: readonly Documented[]): Example[] {
  return documented.flatMap(({ name, file, line, comment }) =>
    examplesIn(comment).map((code, index) => ({
      title: `${name}${index === 0 ? '' : ` ${index + 1}`} (${file}:${line})`,
      name: name.slice(name.indexOf('.') + 1),
      code,
      file: `${name.replace('.', '-')}-${index}.ts`,
    })),
  )
}

/** The names that an example does not have to import, as members of the site. */
const site = await openExampleSite()

/** The module of an example, which exports it as a function of the site. */
function moduleOf({ code }: Example): string {
  const uses = (name: string) => new RegExp(`\\b${name}\\b`).test(code)
  const given = Object.keys(site).filter(uses)
  const imports = [...sources]
    .filter(([name]) => uses(name) && !given.includes(name))
    .map(([name, file]) => `import { ${name} } from '${join(root, file)}'\n`)
  return `${imports.join('')}import type { ExampleSite } from '${join(root, 'test/support/example-site.ts')}'

export async function run({ ${given.join(', ')} }: ExampleSite): Promise<void> {
{
${code}}
}
`
}

describe('the examples in comments', () => {
  const folder = mkdtempSync(join(tmpdir(), 'usercore-examples-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  beforeAll(() => {
    for (const example of examples) writeFileSync(join(folder, example.file), moduleOf(example))
    const configuration = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        rewriteRelativeImportExtensions: false,
        allowImportingTsExtensions: true,
        verbatimModuleSyntax: false,
        typeRoots: [join(root, 'node_modules/@types')],
      },
      include: ['*.ts', join(root, 'src/**/*.d.ts')],
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(configuration))
  })

  it('compile', async () => {
    const tsc = join(root, 'node_modules', '.bin', 'tsc')
    const { stdout } = await promisify(execFile)(tsc, ['-p', folder]).catch((error) => error)
    expect(stdout).toBe('')
  })

  it.each(examples.filter(({ name }) => compiledOnly[name] === undefined))('run: $title', async ({ name, file }) => {
    const given = await openExampleSite()
    const key = (await preparations[name]?.(given)) ?? ''
    const { run } = await import(/* @vite-ignore */ join(folder, file))
    await run({ ...given, key })
  })

  it('are run, but for those that are listed with a reason', () => {
    const names = examples.map(({ name }) => name)
    expect(Object.keys(compiledOnly).filter((name) => !names.includes(name))).toEqual([])
    const operations = operationsOf(site.users).map(({ name }) => name.slice(name.lastIndexOf('.') + 1))
    expect(Object.keys(preparations).filter((name) => !operations.includes(name))).toEqual([])
  })

  it('are all that stand in comments of src', () => {
    const written = [...files].flatMap(([file, text]) =>
      docComments(text).flatMap(({ comment }) => examplesIn(comment).map((code) => `${file}: ${code}`)),
    )
    expect(
      commented.map(({ title, code }) => `${title.replace(/^.*\((.*):\d+\)$/, '$1')}: ${code}`).toSorted(),
    ).toEqual(written.toSorted())
  })
}, 60_000)

describe.each(pages)('the page of $name', ({ comment }) => {
  it('names operations that there are', () => {
    const operations = operationsOf(site.users).map(({ name }) => name)
    const areas = [...new Set(operations.filter((name) => name.includes('.')).map((name) => name.split('.')[0]))]
    // The name at the start of a row is that of a message.
    const text = comment.replaceAll(/^\| `[^`]+` \|/gm, '')
    const named = text.match(new RegExp(`\\b(?:${areas.join('|')})(?:\\.\\w+)+`, 'g')) ?? []
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter((name) => !operations.includes(name))).toEqual([])
  })
})
