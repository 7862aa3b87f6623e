import { describe, expect, it } from 'vitest'
import { breachesOf } from './prose.ts'
import { entryFiles, exportedNames, publicOperations, sourceFiles } from './support/doc-comments.ts'

const clean = [
  '/** Settings of people. */',
  'export interface ThingOperations {',
  '  /**',
  '   * Returns one thing.',
  '   *',
  '   * ```ts',
  '   * await users.things.get(ada, ada)',
  '   * ```',
  '   */',
  '  get(actor: Actor): Promise<void>',
  '}',
  '',
].join('\n')

const entry = "export { type Other, type ThingOperations as Things } from './thing.ts'\n"

function breaches(text: string, readme = '', others: Readonly<Record<string, string>> = {}): string[] {
  const files = new Map([
    ['src/index.ts', entry],
    ['src/thing.ts', `${text}\n/** Another. */\nexport type Other = string\n`],
    ['README.md', readme],
    ...Object.entries(others),
  ])
  return breachesOf(files, ['src/index.ts'])
}

describe('the limits of prose', () => {
  it('take a file that keeps them', () => expect(breaches(clean)).toEqual([]))

  it.each([
    [
      'a comment that begins with What',
      clean.replace('Settings of', 'What is set by'),
      1,
      'begins with a question word',
    ],
    [
      'a comment of a member that begins with how',
      clean.replace('Returns one', 'How one'),
      3,
      'begins with a question',
    ],
    ['a comment that says nobody', clean.replace('people.', "nobody's."), 1, "says nobody's"],
    ['code that says somebody', `${clean}throw new Error('Somebody was faster')`, 12, 'says Somebody'],
    ['an operation without an example', clean.replace('```ts', '```js'), 10, 'ThingOperations.get has no example'],
    ['a bare operation', clean.replace(/ {2}\/\*\*.*?\*\/\n/s, ''), 3, 'ThingOperations.get has no example'],
    [
      'an exported name without a comment',
      clean.replace(/^.*\n/, '\n'),
      2,
      'the exported ThingOperations has no comment',
    ],
  ])('find %s', (_, text, line, message) => {
    expect(breaches(text)).toEqual([expect.stringContaining(`src/thing.ts:${line}: ${message}`)])
  })

  it('pass over a word that is a value of a list', () => {
    expect(breaches(`${clean}const reserved = ['nobody', 'root']`)).toEqual([])
    expect(breaches(`${clean}throw new Error('nobody')`)).toHaveLength(1)
  })

  it("find an exported name behind an area's index.ts", () => {
    const others = { 'src/index.ts': "export type * from './area/index.ts'\n", 'src/area/index.ts': entry }
    const thing = {
      'src/area/thing.ts': 'export interface ThingOperations {}\n/** Another. */\nexport type Other = 1\n',
    }
    expect(breaches(clean, '', { ...others, ...thing })).toEqual([
      'src/area/thing.ts:1: the exported ThingOperations has no comment',
    ])
  })

  it.each([
    ['of an entry', { 'src/index.ts': "export * from './thing.ts'\n" }],
    [
      "of an area's index.ts",
      { 'src/index.ts': "export * from './area/index.ts'\n", 'src/area/index.ts': "export * from '../thing.ts'\n" },
    ],
  ])('refuse an export of everything in a file: %s', (_, others) => {
    expect(() => breaches(clean, '', others)).toThrow('export *')
  })

  it('find a word of the README', () => {
    expect(breaches(clean, 'Fine.\nAsk whoever knows.')).toEqual([expect.stringContaining('README.md:2: says whoever')])
  })

  it('find a long line of the README that is no row of a table', () => {
    const longest = 'x'.repeat(120)
    expect(breaches(clean, `${longest}\n|${longest}|\n${longest}x`)).toEqual(['README.md:3: has 121 characters'])
  })

  it('let three comments in a hundred begin with a question word', () => {
    const comments = (questions: number) =>
      [...Array(98)].map((_, index) => `/** ${index < questions ? 'Who' : 'One who'} asks. */`).join('\n')
    // With the two of the clean file and the one behind it: 101 comments.
    expect(breaches(`${clean}\n${comments(3)}`)).toEqual([])
    expect(breaches(`${clean}\n${comments(4)}`)).toHaveLength(4)
  })

  it('look at every entry, at every exported name and at every area', () => {
    const files = sourceFiles()
    expect(entryFiles().filter((file) => !files.has(file))).toEqual([])
    expect(exportedNames(files, entryFiles()).length).toBeGreaterThan(150)
    expect(publicOperations(files).length).toBeGreaterThan(30)
  })
})
