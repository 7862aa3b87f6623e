import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import {
  changeExtendedProfile,
  type ExtendedProfileRequest,
} from '../../../src/accounts/extended-profile/change-extended-profile.ts'
import { readParts } from '../../../src/accounts/extended-profile/document.ts'
import { readEdit } from '../../../src/accounts/extended-profile/edit.ts'
import { defineExtendedProfile } from '../../../src/site/define-extended-profile.ts'
import type { SettingsInput } from '../../../src/site/settings.ts'
import { context } from '../../support/context.ts'
import { record } from '../../support/record.ts'

const site = defineExtendedProfile(
  {
    occupation: z.object({ name: z.string().trim().min(1), salary: z.string().optional() }),
    department: { schema: z.string(), required: true },
    newsletter: z.boolean(),
  },
  { unknown: 'store' },
)

function stored(documents: Record<string, unknown>, schema_version = 1) {
  const rows = Object.entries(documents).map(([owner, document]) => ({
    user_id: 7,
    owner,
    document: typeof document === 'string' ? document : JSON.stringify(document),
    schema_version,
  }))
  return record({}, { extended_profiles: rows })
}

async function change(
  before: ReturnType<typeof record>,
  input: unknown,
  {
    definition = site,
    settings = {},
    ...request
  }: Partial<ExtendedProfileRequest> & {
    definition?: ReturnType<typeof defineExtendedProfile>
    settings?: SettingsInput
  } = {},
) {
  const rules = context(settings, undefined, definition)
  const checked = await changeExtendedProfile(
    before,
    {
      owner: 'user',
      isNew: false,
      edit: (part) => readEdit(input, part, rules),
      isReadOnly: async () => false,
      ...request,
    },
    rules,
  )
  if ('issues' in checked) return { issues: checked.issues.map(({ pointer, code }) => `${pointer} ${code}`) }
  const documents = Object.fromEntries(checked.value.rows.map((row) => [row.owner, row.document]))
  return { ...checked.value, documents }
}

describe('declared fields', () => {
  it('are checked as they will be: a field that is not sent neither blocks the edit nor goes away', async () => {
    const before = stored({ user: { occupation: { name: 'Farmer', salary: '10' }, newsletter: true, other: 1 } })
    expect(await change(before, { occupation: { salary: null } })).toMatchObject({
      documents: { user: '{"occupation":{"name":"Farmer"},"newsletter":true,"other":1}' },
    })
    expect(await change(before, { occupation: { name: null } })).toEqual({
      issues: ['/extended_profile/occupation schema'],
    })
  })

  it('are stored as the schema gives them', async () => {
    const list = [{ field_name: 'occupation', field_value: { name: '  Smith  ', extra: 1 } }]
    expect(await change(stored({}), list)).toMatchObject({ documents: { user: '{"occupation":{"name":"Smith"}}' } })
  })

  it('have every wrong field reported, and details within one only where the site allows that', async () => {
    const input = { occupation: { name: '', salary: 5 }, newsletter: 'yes', department: null }
    const before = stored({ user: { department: 'A' } })
    const others = ['/extended_profile/newsletter schema', '/extended_profile/department required']
    expect(await change(before, input)).toEqual({ issues: ['/extended_profile/occupation schema', ...others] })
    const { schema } = site.fields.occupation
    const definition = defineExtendedProfile({ ...site.fields, occupation: { schema, tellsIssues: true } })
    expect(await change(before, input, { definition })).toEqual({
      issues: ['/extended_profile/occupation/name schema', '/extended_profile/occupation/salary schema', ...others],
    })
  })

  it('that are required can be missing where they always were, but not in a new account', async () => {
    expect(await change(stored({}), { newsletter: true })).toHaveProperty('documents')
    expect(await change(stored({}), { newsletter: true }, { isNew: true })).toEqual({
      issues: ['/extended_profile/department required'],
    })
    expect(await change(stored({}), { department: 5 }, { isNew: true })).toEqual({
      issues: ['/extended_profile/department schema'],
    })
  })

  it('may have asynchronous schemas, which must give JSON', async () => {
    const definition = defineExtendedProfile({
      slow: z.string().refine(async (text) => text !== 'taken'),
      date: z.string().transform((text) => new Date(text)),
    })
    expect(await change(stored({}), { slow: 'free' }, { definition })).toHaveProperty('documents')
    expect(await change(stored({}), { slow: 'taken', date: '2024-01-01' }, { definition })).toEqual({
      issues: ['/extended_profile/slow schema', '/extended_profile/date not_json'],
    })
    const listed = defineExtendedProfile({ tags: z.string().transform((text) => ({ [text]: undefined })) })
    expect(await change(stored({}), { tags: 'made-up' }, { definition: listed })).toEqual({
      issues: ['/extended_profile/tags not_json'],
    })
  })

  it('alone are taken where the site says so', async () => {
    const definition = defineExtendedProfile({ known: z.string() }, { unknown: 'reject' })
    expect(await change(stored({}), { known: 'x', other: 1 }, { definition })).toEqual({
      issues: ['/extended_profile/other unknown_field'],
    })
    expect(await change(stored({ user: { other: 1 } }), { other: null }, { definition })).toMatchObject({
      documents: { user: '{}' },
    })
  })
})

describe('names', () => {
  it('that no reader will see are reported once', async () => {
    const list = ['a', 'b', 'b', 'newsletter'].map((field_name) => ({ field_name, field_value: true }))
    const changed = await change(stored({}), list, { settings: { extended_profile_fields: ['a'] } })
    expect(changed).toMatchObject({ unconfigured: ['b'] })
  })

  it('that the writer may not change are refused', async () => {
    const isReadOnly = async (field: string) => field === 'extended_profile.locked'
    expect(await change(stored({ user: { locked: 1 } }), { locked: null, free: 1 }, { isReadOnly })).toEqual({
      issues: ['/extended_profile/locked read_only'],
    })
  })
})

describe('limits', () => {
  it('hold for the document as it will be, with the output of its schemas', async () => {
    const before = stored({ user: { a: 1 } })
    expect(await change(before, { b: 1 }, { settings: { extended_profile_max_fields: 1 } })).toEqual({
      issues: ['/extended_profile too_many'],
    })
    const definition = defineExtendedProfile({ a: z.string().transform((text) => text.repeat(10)) })
    const settings = { extended_profile_max_bytes: 40 }
    expect(await change(before, { a: 'x'.repeat(10) }, { definition, settings })).toEqual({
      issues: ['/extended_profile/a too_large'],
    })
    expect(await change(before, { a: 'xxx', b: 'yyyyyyyyy' }, { definition, settings })).toEqual({
      issues: ['/extended_profile too_large'],
    })
  })
})

describe('sections', () => {
  it('of other owners stay, and the result names the owner whose value counts', async () => {
    const before = stored({ user: { department: 'mine', newsletter: true }, staff: { department: 'theirs' } })
    const changed = await change(before, { department: 'new', newsletter: false })
    expect(changed).toMatchObject({
      documents: { staff: '{"department":"theirs"}', user: '{"department":"new","newsletter":false}' },
      overruled: ['department'],
      changes: [
        { name: 'department', old: 'mine', new: 'new' },
        { name: 'newsletter', old: true, new: false },
      ],
    })
    expect(await change(before, { department: 'new' }, { owner: 'staff' })).toMatchObject({ overruled: [] })
    expect(await change(before, { department: 'x' }, { owner: 'system:hr' })).toMatchObject({
      documents: { 'system:hr': '{"department":"x"}', staff: '{"department":"theirs"}' },
      overruled: ['department'],
    })
  })

  it('count in the order of the site', () => {
    const owners = (precedence?: readonly string[]) =>
      readParts(
        stored({ 'quarantine:1': 'x', user: {}, 'system:b': {}, staff: {}, 'system:a': {} }).extended_profiles,
        defineExtendedProfile({}, precedence === undefined ? {} : { precedence }),
      ).map(({ owner }) => owner)
    expect(owners()).toEqual(['staff', 'system:a', 'system:b', 'user'])
    expect(owners(['user', 'system:b'])).toEqual(['user', 'system:b', 'staff', 'system:a'])
  })

  it('that cannot be read are put aside by the next write', async () => {
    for (const text of ['{broken', '[]', '"x"', 'null']) {
      expect(await change(stored({ user: text, staff: { a: 1 } }), { b: 2 })).toMatchObject({
        documents: { 'quarantine:id-1': text, user: '{"b":2}', staff: '{"a":1}' },
      })
    }
    expect(await change(stored({ user: '' }), { b: 2 })).toMatchObject({ documents: { user: '{"b":2}' } })
  })
})

describe('documents of an earlier version', () => {
  const definition = defineExtendedProfile(
    { job: z.object({ name: z.string() }) },
    {
      version: 3,
      upgrades: {
        1: ({ occupation, ...rest }) => ({ ...rest, job: occupation ?? 'none' }),
        2: ({ job, ...rest }) => {
          if (job === 'poison') throw new Error('ada@example.com is not a job')
          return { ...rest, job: { name: job ?? 'none' } }
        },
      },
    },
  )

  it('are read in the version of the site, and written in it', async () => {
    const before = stored({ user: { occupation: 'Farmer', other: 1 } })
    expect(readParts(before.extended_profiles, definition)).toEqual([
      { owner: 'user', document: { job: { name: 'Farmer' }, other: 1 }, state: 'upgraded' },
    ])
    const changed = await change(before, { other: null }, { definition })
    expect(changed).toMatchObject({
      rows: [{ owner: 'user', document: '{"job":{"name":"Farmer"}}', schema_version: 3 }],
    })
  })

  it.each([
    ['fails to come up', { user: { job: 'poison' } }, 2],
    ['is newer than the site', { user: { job: 'x' } }, 4],
  ])('that one %s keeps it from being written, and is never lost', async (_, documents, version) => {
    const before = stored(documents, version)
    expect(await change(before, { job: { name: 'x' } }, { definition })).toEqual({
      issues: ['/extended_profile outdated'],
    })
    expect(readParts(before.extended_profiles, definition)).toMatchObject([{ state: 'outdated' }])
  })

  it('without a way up stay as they are', () => {
    const gap = defineExtendedProfile({}, { version: 3, upgrades: { 2: (document) => document } })
    const none = defineExtendedProfile({}, { version: 2, upgrades: { 1: () => [] as never } })
    for (const broken of [gap, none])
      expect(readParts(stored({ user: { a: 1 } }).extended_profiles, broken)).toMatchObject([
        { state: 'outdated', document: { a: 1 } },
      ])
  })
})
