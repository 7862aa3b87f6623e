import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import remapping, { type SourceMapInput } from '@jridgewell/remapping'
import { type Expression, type Pattern, parse, type SpreadElement, type Token, tokTypes } from 'acorn'
import { transform } from 'esbuild'
import MagicString from 'magic-string'
import { defineConfig } from 'tsup'

const { exports: exported, bin } = JSON.parse(readFileSync('package.json', 'utf8'))

const target = 'node22'

/** Returns the module of a built file that package.json names. */
const moduleOf = (file: string) => file.replace(/^\.\/dist\/(.*)\.js$/, 'src/$1.ts')

/** The modules of the entries in `exports`. */
const entries = Object.values<{ default?: string }>(exported).flatMap(({ default: file }) =>
  file === undefined ? [] : [moduleOf(file)],
)

/** The programs: they import entries when a command needs them. */
const programs = Object.values<string>(bin).map(moduleOf)

/** A module of its own file: its package has a statement that no mark covers, and bundlers leave out files. */
const apart = 'src/runtime/draw-id.ts'

/** The entry that is to cost the least: hosts import it where nothing else of the library is. */
const rules = 'src/rules/index.ts'

/** The modules that every other entry imports: the rules and the port, without the module that needs one of Node. */
const shared = [rules, ...globSync('src/port/*.ts', { exclude: ['src/port/index.ts', 'src/port/turns.ts'] })]

/** Tells whether a pattern has classes of Unicode. */
const isOfUnicode = (pattern: string) => pattern.includes('\\p{')

/** Tells whether an expression makes a value and does no more, as bundlers see by themselves. */
function isPlain(node: Expression | Pattern | SpreadElement | null | undefined): boolean {
  switch (node?.type) {
    case 'Literal':
      return !('regex' in node && isOfUnicode(node.regex.pattern))
    case 'Identifier':
    case 'ArrowFunctionExpression':
    case 'FunctionExpression':
    case 'ClassExpression':
      return true
    case 'UnaryExpression':
      return isPlain(node.argument)
    case 'TemplateLiteral':
      return node.expressions.length === 0
    case 'ArrayExpression':
      return node.elements.every(isPlain)
    case 'ObjectExpression':
      return node.properties.every((member) => member.type === 'Property' && !member.computed && isPlain(member.value))
    default:
      return false
  }
}

/**
 * Says of each constant in a built file what `sideEffects: false` says of the file: it can be left out where it is not
 * used. Many modules share a file, and without the marks bundlers would keep every constant that is computed.
 *
 * Makes patterns with classes of Unicode where they are used: an import checks each literal against the tables of Unicode,
 * those of functions that are never called too.
 */
function markPure(code: string) {
  const tokens: Token[] = []
  const { body } = parse(code, { ecmaVersion: 'latest', sourceType: 'module', onToken: tokens })
  const marked = new MagicString(code)
  for (const { type, value, start, end } of tokens) {
    if (type !== tokTypes.regexp || !isOfUnicode(value.pattern)) continue
    marked.update(start, end, ` new RegExp(${JSON.stringify(value.pattern)}, ${JSON.stringify(value.flags)})`)
  }
  for (const statement of body) {
    for (const { id, init } of statement.type === 'VariableDeclaration' ? statement.declarations : []) {
      if (id.type !== 'Identifier' || !init || isPlain(init)) continue
      marked.appendRight(init.start, '/* @__PURE__ */ (() => (').appendLeft(init.end, '))()')
    }
  }
  return { code: marked.toString(), map: marked.generateDecodedMap({ hires: true }) }
}

/**
 * Runs a package of CommonJS where it is used: an import runs none. The helper of esbuild makes an object around its exports,
 * whose default is what the package exports.
 */
function runWhereUsed(code: string) {
  const text = new MagicString(code)
  for (const [statement, name, exports] of code.matchAll(/^var (import_\w+) = __toESM\((require_\w+\(\)), 1\);$/gm)) {
    text.replace(statement, '').replaceAll(`${name}.default`, String(exports))
    if (text.toString().includes(`${name}.`)) throw new Error(`${name} is used without its default`)
  }
  return { code: text.toString(), map: text.generateDecodedMap({ hires: true }) }
}

/** Spells what is not ASCII by its number: one such character, of an expression or a comment, doubles the memory of a file. */
function toAscii(code: string): string {
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/**
 * Shortens a built file by its blanks and local names: most of the time of an import goes into reading functions, whether they
 * are called or not. Then marks it, since shortening takes comments away. The map tells the names.
 */
async function finished(code: string, { map }: { map?: unknown }) {
  const lazy = runWhereUsed(code)
  const shorter = { minifyWhitespace: true, minifyIdentifiers: true, lineLimit: 120 } as const
  const short = await transform(toAscii(lazy.code), { ...shorter, format: 'esm', target, sourcemap: 'external' })
  const marked = markPure(short.code)
  const maps = [marked.map, short.map, lazy.map, map].filter((one) => one !== undefined)
  return { code: marked.code, map: String(remapping(maps as SourceMapInput[], () => null)) }
}

/** Returns the licenses of the packages of which the built files hold a part. */
function licensesOf(inputs: readonly string[]): string {
  const folders = inputs.flatMap((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [])
  const texts = [...new Set(folders)].sort().map((folder) => {
    const { name, version } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))
    const [license = ''] = globSync(`${folder}/LICENSE*`)
    return `${name} ${version}\n\n${readFileSync(license, 'utf8').trim()}\n`
  })
  return `Files of this folder hold parts of these packages.\n\n${texts.join('\n---\n\n')}`
}

export default defineConfig({
  entry: [...entries, ...programs, apart],
  format: ['esm'],
  target,
  platform: 'node',
  splitting: true,
  // Under `node --enable-source-maps` stack traces name the module and its line.
  sourcemap: true,
  // TypeScript 7 has no compiler API for tsup to call: `tsc -p tsconfig.build.json` emits the declarations.
  dts: false,
  clean: true,
  removeNodeProtocol: false,
  esbuildOptions(options) {
    // A package of CommonJS becomes functions, which can be marked; the statements of its ES modules could not be.
    options.mainFields = ['main', 'module']
  },
  plugins: [{ name: 'short and marked', renderChunk: finished }],
  esbuildPlugins: [
    {
      name: 'one shared file',
      setup({ onLoad }) {
        // esbuild makes a file of all modules that the same entries need. Every entry needs those of the rules and of the
        // port, so that an import finds them in one file: most of the time of an import goes into further files. So do the
        // programs, or the helpers of esbuild would be a file of their own.
        // By relative paths: maps hold the text.
        const imports = (from: string) =>
          shared.map((path) => `import './${relative(dirname(from), resolve(path))}'`).join('\n')
        const loaded = [...entries, ...programs, apart].filter((path) => path !== rules).map((path) => resolve(path))
        onLoad({ filter: /\.ts$/ }, ({ path }) =>
          loaded.includes(path)
            ? { contents: `${readFileSync(path, 'utf8')}\n${imports(path)}\n`, loader: 'ts' }
            : undefined,
        )
      },
    },
    {
      name: 'licenses',
      setup({ onEnd }) {
        onEnd(({ metafile }) => {
          mkdirSync('dist', { recursive: true })
          writeFileSync('dist/licenses.txt', licensesOf(Object.keys(metafile?.inputs ?? {})))
        })
      },
    },
  ],
})
