/** A piece of SQL: a comment or white space, a quoted name or text, a word, or one sign. */
const token = /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\s+|"[^"]*"?|`[^`]*`?|\[[^\]]*\]?|'[^']*'?|[\p{L}\p{N}_$]+|./gu

/**
 * Returns the columns and expressions of an index in the order of its statement, which is all that SQLite keeps of
 * expressions: in lower case, without quotes, white space, collation and direction. Returns none for a text that is no
 * `create index`.
 */
export function partsOfIndex(statement: string): string[] {
  const tokens = (statement.match(token) ?? []).filter((text) => !/^(\s|--|\/\*)/.test(text))
  const start = tokens.findIndex((text, at) => text.toLowerCase() === 'on' && tokens[at + 2] !== undefined)
  const open = start < 0 ? -1 : tokens.indexOf('(', start)
  if (open < 0) return []
  const parts: string[][] = [[]]
  let depth = 0
  for (const text of tokens.slice(open)) {
    if (text === ')' && --depth === 0) break
    if (text === ',' && depth === 1) parts.push([])
    else if (depth > 0) parts.at(-1)?.push(text)
    if (text === '(') depth++
  }
  return parts.map((part) => bare(part).map(unquoted).join('').toLowerCase())
}

/** Returns an expression without its order and without the brackets around it. */
function bare(part: readonly string[]): readonly string[] {
  const [last = '', before = ''] = [part.at(-1)?.toLowerCase(), part.at(-2)?.toLowerCase()]
  if (last === 'asc' || last === 'desc') return bare(part.slice(0, -1))
  if (before === 'collate') return bare(part.slice(0, -2))
  return part[0] === '(' && closing(part) === part.length - 1 ? bare(part.slice(1, -1)) : part
}

/** Returns the index of the bracket that closes the one at the beginning. */
function closing(part: readonly string[]): number {
  let depth = 0
  return part.findIndex((text) => {
    if (text === '(') depth++
    if (text === ')') depth--
    return depth === 0
  })
}

function unquoted(text: string): string {
  return /^["`[]/.test(text) ? text.slice(1, -1) : text
}
