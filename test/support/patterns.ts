import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A regular expression that stands in a source file. */
export interface Pattern {
  readonly place: string
  readonly source: string
  readonly flags: string
}

/** Words behind which an expression begins, so that a slash begins a regular expression. */
const beforeExpression = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'of',
  'await',
  'yield',
  'void',
  'new',
  'else',
  'do',
])

/** Every regular expression that is written down in a folder of TypeScript. */
export function patternsIn(folder: string): Pattern[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .flatMap((file) => patternsOf(join(folder, file)))
}

function patternsOf(file: string): Pattern[] {
  // The first line of a program names its interpreter.
  const text = readFileSync(file, 'utf8').replace(/^#!.*/, '')
  const patterns: Pattern[] = []
  /** The token before, as far as it decides whether a slash divides. */
  let before = ''
  let at = 0

  /** Goes on behind what a sticky pattern finds here; answers it. */
  function take(pattern: RegExp): string | undefined {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    at += found?.length ?? 0
    return found
  }

  /** Reads code up to its end, or in a template up to the brace that ends the expression. */
  function readCode(isInTemplate: boolean): void {
    let depth = 0
    while (at < text.length) {
      if (take(/\s+|\/\/.*|\/\*[\s\S]*?\*\//y) !== undefined) continue
      if (take(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/y) !== undefined) before = 'value'
      else if (text[at] === '`') readTemplate()
      else if (text[at] === '/' && !/^(?:value|[)\]}])$/.test(before)) {
        const line = text.slice(0, at).split('\n').length
        const literal = take(/\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y)
        if (literal === undefined) throw new Error(`no regular expression at ${file}:${line}`)
        const end = literal.lastIndexOf('/')
        patterns.push({ place: `${file}:${line}`, source: literal.slice(1, end), flags: literal.slice(end + 1) })
        before = 'value'
      } else {
        const word = take(/[\p{L}\p{N}_$]+/uy)
        const sign = word === undefined ? text[at++] : undefined
        if (isInTemplate && sign === '{') depth++
        if (isInTemplate && sign === '}' && depth-- === 0) return
        before = sign ?? (beforeExpression.has(word ?? '') ? '' : 'value')
      }
    }
  }

  function readTemplate(): void {
    at++
    while (text[at] !== '`') {
      if (at >= text.length) throw new Error(`a template without end in ${file}`)
      if (take(/(?:[^`\\$]|\\[\s\S]|\$(?!\{))+/y) !== undefined) continue
      at += 2
      before = ''
      readCode(true)
    }
    at++
    before = 'value'
  }

  readCode(false)
  return patterns
}
