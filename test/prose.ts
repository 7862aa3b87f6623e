import {
  docComments,
  entryFiles,
  examplesIn,
  exportedNames,
  type Files,
  publicOperations,
  sourceFiles,
} from './support/doc-comments.ts'

/**
 * The limits of the language of comments: run as `node test/prose.ts`. It prints each breach with its file and line, and
 * exits with 1 where a limit is passed. CONTRIBUTING.md has the rules and the glossary.
 */

/** The largest share of doc comments that begin with a question word. Nine libraries that were measured have 0 to 9 %. */
const questionsAtMost = 0.03

const questionWord = /^(?:what|who|where|how)\b/i
/** A word that is a whole text, such as the reserved username `nobody`, is a value and not prose. */
const personOfNoName = /(?!(?<=')\w+',)\b(?:somebody|nobody|whoever|anybody)(?:'s)?\b/gi

/** The longest line of a page, in UTF-16 units, but for rows of tables. The formatter keeps lines of code to the same. */
const lineAtMost = 120

/** A line that breaks a limit, as `src/file.ts:12: …`. */
type Breach = string

/** All breaches of all limits, in the order of the files for each. */
export function breachesOf(files: Files, entries: readonly string[]): Breach[] {
  return [
    ...questions(files),
    ...peopleOfNoName(files),
    ...longLines(files),
    ...publicOperations(files)
      .filter(({ comment }) => examplesIn(comment).length === 0)
      .map(({ file, line, name }) => `${file}:${line}: ${name} has no example in a \`\`\`ts block`),
    ...exportedNames(files, entries)
      .filter(({ comment }) => comment === undefined)
      .map(({ file, line, name }) => `${file}:${line}: the exported ${name} has no comment`),
  ]
}

function questions(files: Files): Breach[] {
  const comments = [...files].flatMap(([file, text]) => docComments(text).map((comment) => ({ file, ...comment })))
  const found = comments.filter(({ comment }) => questionWord.test(comment))
  if (found.length <= comments.length * questionsAtMost) return []
  return found.map(({ file, line, comment }) => `${file}:${line}: begins with a question word: ${firstLine(comment)}`)
}

function peopleOfNoName(files: Files): Breach[] {
  return lineByLine(files, (line) => [...line.matchAll(personOfNoName)].map(([word]) => `says ${word}: ${line.trim()}`))
}

function longLines(files: Files): Breach[] {
  return lineByLine(files, (line, file) => {
    const isLong = file.endsWith('.md') && line.length > lineAtMost && !line.startsWith('|')
    return isLong ? [`has ${line.length} characters`] : []
  })
}

/** Returns what is wrong with each line of all files, with the place of the line. */
function lineByLine(files: Files, flawsOf: (line: string, file: string) => readonly string[]): Breach[] {
  return [...files].flatMap(([file, text]) =>
    text.split('\n').flatMap((line, index) => flawsOf(line, file).map((flaw) => `${file}:${index + 1}: ${flaw}`)),
  )
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}

if (import.meta.main) {
  const breaches = breachesOf(sourceFiles(), entryFiles())
  process.stdout.write([...breaches, `${breaches.length} breaches`, ''].join('\n'))
  process.exitCode = breaches.length === 0 ? 0 : 1
}
