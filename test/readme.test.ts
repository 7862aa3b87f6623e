import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blocks, compile, installs, makeProject, requests, runProgram } from './support/page-programs.ts'

/**
 * The code in the README is run as a reader would run it: in a project that has what the README installs and nothing
 * else, the ten lines at the top and the quickstart by themselves, and each later section behind the quickstart.
 *
 * - The text behind `console.log(…) //` is the expected output.
 * - A `sh` block with `curl` is sent to the server that its section starts. The status in the sentence behind it, and the
 *   `json` block behind that, are expected back; the response may hold more than the block.
 */
const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

interface Section {
  readonly title: string
  readonly text: string
  /** The program that it makes. */
  readonly code: string
  readonly file: string
}

const sections = readme.split(/^## /m).flatMap((text): Omit<Section, 'file'>[] => {
  const code = blocks(text, 'ts').join('\n')
  return code === '' ? [] : [{ title: text.slice(0, text.indexOf('\n')).trim(), code, text }]
})
/** The ten lines at the top and the quickstart, which later sections continue. */
const [, quickstart] = sections
const programs = sections.map((section, index): Section => {
  const code = index < 2 ? section.code : `${quickstart?.code}\n${section.code}`
  return { ...section, code, file: `${index}.ts` }
})

describe('the README', () => {
  it('leads with ten lines of code', () => {
    const [first = ''] = blocks(readme, 'ts')
    const lines = first.split('\n').filter((line) => line !== '')
    expect(lines.length).toBeLessThanOrEqual(10)
    for (const operation of ['create', 'update', 'get']) expect(first).toContain(`users.accounts.${operation}(`)
  })

  it('has a quickstart of two screens that ends by naming the three pages to read next', () => {
    const lines = quickstart?.text.trim().split('\n') ?? []
    expect(lines.length).toBeLessThanOrEqual(2 * 60)
    const next = lines.slice(lines.lastIndexOf('') + 1).join(' ')
    const pages = [...next.matchAll(/guides\/([\w-]+)\.md/g)].map(([, page]) => page)
    expect(pages).toEqual(['ten-minutes', 'your-user-table', 'operating'])
  })

  it('links to its own headings, to files of the package and to the web alone', () => {
    const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link)
    const headings = [...readme.matchAll(/^#+ (.*)$/gm)].map(
      ([, heading = '']) =>
        `#${heading
          .toLowerCase()
          .replaceAll(/[^\w -]/g, '')
          .replaceAll(' ', '-')}`,
    )
    const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(links.length).toBeGreaterThan(10)
    const isPacked = (link: string) => files.some((file: string) => link === file || link.startsWith(`${file}/`))
    expect(links.filter((link) => !/^https:/.test(link) && !headings.includes(link) && !isPacked(link))).toEqual([])
  })
})

describe('the code in the README', () => {
  const project = makeProject(installs(readme))
  afterAll(() => rmSync(project, { recursive: true }))
  beforeAll(() => {
    for (const { file, code } of programs) writeFileSync(join(project, file), code)
  })

  it('has programs to run, and a server that answers', () => {
    expect(programs.length).toBeGreaterThan(3)
    expect(programs.flatMap(({ text }) => requests(text)).map(({ status }) => status)).toEqual([200, 400])
  })

  it('compiles', async () => expect(await compile(project)).toBe(''))

  it.each(programs)('prints what its comments say: $title', (program) => runProgram(project, program.file, program))
}, 60_000)
