import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/** Files by their path from the root of the repository. */
export type Files = ReadonlyMap<string, string>

/** Every file of src, and the README. */
export function sourceFiles(): Files {
  const files = [...globSync('src/**/*.ts', { cwd: root }).toSorted(), 'README.md']
  return new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]))
}

/** The files that package.json gives to hosts, one an entry. */
export function entryFiles(): string[] {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const entries = Object.values<{ types?: string }>(exports).flatMap(({ types }) => types ?? [])
  return entries.map((types) => types.replace(/^\.\/dist\//, 'src/').replace(/\.d\.ts$/, '.ts'))
}

/** A declaration, or the member of an interface, with the comment that stands right before it. */
export interface Documented {
  readonly name: string
  readonly file: string
  readonly line: number
  /** The text of the comment without its stars; undefined where there is none. */
  readonly comment: string | undefined
}

/** The doc comments of a text: where each begins, and its text without stars. */
export function docComments(text: string): { readonly line: number; readonly comment: string }[] {
  return [...text.matchAll(/^[ \t]*\/\*\*.*?\*\//gms)].map(({ 0: comment, index }) => ({
    line: lineAt(text, index),
    comment: withoutStars(comment),
  }))
}

/** The methods of the exported interfaces whose names end in Operations. Overloads count as one. */
export function publicOperations(files: Files): Documented[] {
  return [...files].flatMap(([file, text]) =>
    [...text.matchAll(/^export interface (\w*Operations)\b.*?^\}/gms)].flatMap(({ 0: body, 1: owner = '', index }) => {
      const members = new Map<string, Documented>()
      for (const member of body.matchAll(/^ {2}(\w+)(?:<|\()/gm)) {
        const name = `${owner}.${member[1]}`
        const comment = commentBefore(body, member.index)
        const known = members.get(name)
        const line = known?.line ?? lineAt(text, index + member.index)
        members.set(name, { name, file, line, comment: [known?.comment, comment].filter(Boolean).join('\n') })
      }
      return [...members.values()]
    }),
  )
}

/**
 * Each name that an entry exports, at its declaration. An entry names its exports, or passes on all of an area's
 * index.ts, which names them. Throws for any other `export *`, and for a name whose declaration is not found.
 */
export function exportedNames(files: Files, entries: readonly string[]): Documented[] {
  return entries.flatMap((entry) => {
    const areas = passedOn(files.get(entry) ?? '').map((from) => normalize(join(dirname(entry), from)))
    return [entry, ...areas].flatMap((file) => namesOf(files, file, file === entry))
  })
}

function namesOf(files: Files, file: string, isEntry: boolean): Documented[] {
  const text = files.get(file) ?? ''
  if (passedOn(text).some((from) => !isEntry || !from.endsWith('/index.ts')))
    throw new Error(`${file} has an export * that is not an entry's of an area's index.ts`)
  return reexports(text).map(({ name, from }) => declarationOf(files, file, name, from))
}

/** The files of which a text exports everything. */
function passedOn(text: string): string[] {
  return [...text.matchAll(/^export (?:type )?\* from '([^']+)'/gm)].map(([, from = '']) => from)
}

/** The `ts` blocks of a comment. */
export function examplesIn(comment: string | undefined): string[] {
  return [...(comment ?? '').matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code)
}

function declarationOf(files: Files, importer: string, name: string, from: string): Documented {
  const file = normalize(join(dirname(importer), from))
  const found = declarationIn(files, file, name)
  if (found === undefined) throw new Error(`${importer} exports ${name}, which ${file} does not declare`)
  return found
}

/** Finds a declaration in a file, or in the files that it passes names on from. */
function declarationIn(files: Files, file: string, name: string): Documented | undefined {
  const text = files.get(file) ?? ''
  const pattern = `^export (?:async |abstract )*(?:function\\*?|const|class|interface|type) ${name}\\b`
  const declaration = new RegExp(pattern, 'm').exec(text)
  if (declaration !== null) {
    return { name, file, line: lineAt(text, declaration.index), comment: commentBefore(text, declaration.index) }
  }
  const named = reexports(text).find((exported) => exported.name === name)
  if (named !== undefined) return declarationOf(files, file, named.name, named.from)
  for (const from of passedOn(text)) {
    const found = declarationIn(files, normalize(join(dirname(file), from)), name)
    if (found !== undefined) return found
  }
  return undefined
}

/** The names that a text exports from other files, by the name that they have there. */
function reexports(text: string): { readonly name: string; readonly from: string }[] {
  return [...text.matchAll(/^export (?:type )?\{([^}]*)\} from '([^']+)'/gm)].flatMap(([, names = '', from = '']) =>
    names
      .replaceAll(/\/\/.*$/gm, '')
      .split(',')
      .map(
        (name) =>
          name
            .trim()
            .replace(/^type /, '')
            .split(' as ')[0] ?? '',
      )
      .filter((name) => name !== '')
      .map((name) => ({ name, from })),
  )
}

/** Every declaration that a file of src exports, whether or not an entry passes it on. */
export function exportedDeclarations(files: Files): Documented[] {
  const pattern = /^export (?:async |abstract )*(?:function\*?|const|class|interface|type) (\w+)/gm
  return [...files].flatMap(([file, text]) =>
    [...text.matchAll(pattern)].map(({ 1: name = '', index }) => ({
      name,
      file,
      line: lineAt(text, index),
      comment: commentBefore(text, index),
    })),
  )
}

function commentBefore(text: string, index: number): string | undefined {
  const before = text.slice(0, index).replace(/(?:^[ \t]*\/\/.*\n)+$/m, '')
  if (!before.endsWith('*/\n')) return undefined
  return withoutStars(before.slice(before.lastIndexOf('/**')))
}

function withoutStars(comment: string): string {
  const lines = comment
    .trim()
    .slice('/**'.length, -'*/'.length)
    .split('\n')
    .map((line) => line.replace(/^[ \t]*\*? ?/, ''))
  return lines.join('\n').trim()
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}
