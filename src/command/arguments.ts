import { parseArgs } from 'node:util'
import { UsageError } from './usage-error.ts'

/** The names of the commands. */
const commands = ['sql', 'migrate', 'check', 'inventory'] as const

/** The options, each with the commands that take it. */
const options = {
  dialect: commands,
  url: ['migrate', 'check'],
  since: ['sql'],
  prefix: ['sql', 'migrate', 'check'],
  schema: ['sql', 'migrate', 'check'],
  preset: ['sql', 'migrate', 'check'],
  config: commands,
} as const satisfies Readonly<Record<string, readonly CommandName[]>>

type CommandName = (typeof commands)[number]

/** What was asked for: a command with its flags, or a text to print. */
export type Asked =
  | { readonly print: 'help' | 'version' }
  | { readonly command: CommandName; readonly flags: { readonly [Name in keyof typeof options]?: string } }

/** Reads the arguments of the command line. Throws `UsageError` for whatever is unknown, empty or given twice. */
export function readArguments(args: readonly string[]): Asked {
  const { values, positionals } = parsed(args)
  if (values.help === true) return { print: 'help' }
  if (values.version === true) return { print: 'version' }
  const command = commands.find((name) => name === positionals[0])
  if (command === undefined || positionals.length > 1) throw new UsageError(`give one of: ${commands.join(', ')}`)
  const flags: Record<string, string> = {}
  for (const [name, takers] of Object.entries(options)) {
    const [value, ...others] = values[name as keyof typeof options] ?? []
    if (value === undefined) continue
    if (value === '' || others.length > 0) throw new UsageError(`--${name}: give one value`)
    if (!takers.some((taker) => taker === command)) throw new UsageError(`--${name}: only for ${takers.join(', ')}`)
    flags[name] = value
  }
  return { command, flags }
}

function parsed(args: readonly string[]) {
  const text = { type: 'string', multiple: true } as const
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...{ dialect: text, url: text, since: text, prefix: text, schema: text, preset: text, config: text },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'the arguments cannot be read')
  }
}
