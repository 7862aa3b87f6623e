import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { MessagePayloads } from '../../src/outbox/messages.ts'

/** The members of each payload. The compiler refuses a name that is missing or unknown, and a member that is unknown. */
const members: {
  readonly [Kind in keyof MessagePayloads]: {
    readonly [Name in keyof MessagePayloads[Kind]]: readonly MembersOf<MessagePayloads[Kind][Name]>[]
  }
} = {
  mail: {
    activation: ['to', 'username', 'key', 'expires_at'],
    email_change_confirmation: ['to', 'username', 'key', 'expires_at'],
    secondary_email_confirmation: ['to', 'username', 'key', 'expires_at'],
    email_already_in_use: ['to', 'username'],
    email_changed: ['to', 'username'],
    retirement_requested: ['to', 'username', 'full_name'],
  },
  event: {
    'account.changed': ['changes'],
    'account.activated': ['activated_at'],
    'account.deactivated': ['reason', 'until'],
    'account.reactivated': [],
    'preferences.changed': ['changes', 'org', 'course_id'],
    'email_opt_in.changed': ['org', 'opt_in'],
    'partition.assigned': ['course_id', 'group_id', 'group_name', 'partition_id', 'partition_name'],
    'retirement.requested': [],
    'retirement.moved': ['from', 'to', 'forced'],
    'retirement.cancelled': [],
    'retirement.cleaned_up': [],
    'retirement.receipt': ['sequence', 'hash'],
  },
  notification: {
    retire_misc: ['retired_username', 'retired_email'],
    retire_mailings: ['retired_username', 'retired_email'],
    retire_account: ['retired_username', 'retired_email'],
    'profile_image.removed': ['names'],
    'retired_identifier.changed': ['kind', 'old', 'new'],
    retired_email_wanted: [],
  },
}

/** The declared members of a payload; a payload without any has an index signature alone. */
type MembersOf<Payload> = string extends keyof Payload ? never : keyof Payload

const root = join(import.meta.dirname, '..', '..')
const page = readFileSync(join(root, 'examples/guides/messages.md'), 'utf8')

/** The rows of the page: kind, name, payload. */
const rows = page.split(/^## /m).flatMap((section) => {
  const kind = /^(\w+)s:/.exec(section)?.[1]?.toLowerCase()
  const found = [...section.matchAll(/^\| `([^`]+)` \|[^|]+\|([^|]+)\|/gm)]
  return found.map(([, name = '', payload = '']) => ({ kind, name, payload }))
})

const names = Object.entries(members).flatMap(([kind, byName]) =>
  Object.entries(byName).map(([name, payload]) => ({ kind, name, payload: payload as readonly string[] })),
)

describe('the page of messages', () => {
  it('holds every message, and no other', () => {
    const nameOf = ({ kind, name }: { kind: string | undefined; name: string }) => `${kind} ${name}`
    expect(rows.map(nameOf).sort()).toEqual(names.map(nameOf).sort())
  })

  it.each(names)('names the members of the payload of $name', ({ name, payload }) => {
    const said = rows.find((row) => row.name === name)?.payload ?? ''
    for (const member of payload) expect(said).toContain(`\`${member}\``)
    expect(payload.length === 0).toBe(said.trim() === 'none')
  })
})

describe('messages', () => {
  it('have names that are unique among all kinds', () => {
    expect(new Set(names.map(({ name }) => name)).size).toBe(names.length)
  })

  it.each(names)('$name is sent by the code', ({ name }) => {
    const files = globSync('src/**/*.ts', { cwd: root }).filter((file) => file !== 'src/outbox/messages.ts')
    const senders = files.filter((file) => {
      const text = readFileSync(join(root, file), 'utf8')
      return text.includes("outbox/messages.ts'") && text.includes(`'${name}'`)
    })
    expect(senders).not.toEqual([])
  })
})
