import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type } from 'arktype'
import * as v from 'valibot'
import { expect, it } from 'vitest'
import * as z from 'zod'
import { createUserCore } from '../../src/create-user-core.ts'
import { memoryRepository } from '../../src/memory/index.ts'
import { system } from '../../src/site/actor.ts'
import { defineExtendedProfile } from '../../src/site/define-extended-profile.ts'
import { definePreferences } from '../../src/site/define-preferences.ts'
import { addUser } from '../../src/testing/rows.ts'

/** Says whatever came in, in capitals and in the path: what a schema of a host may do at worst. */
const telling: StandardSchemaV1<unknown, string> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => ({
      issues: [{ message: `No: ${JSON.stringify(value).toUpperCase()}`, path: [String(value)] }],
    }),
  },
}

const throwing: StandardSchemaV1<unknown, string> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => {
      throw new Error(`cannot check ${JSON.stringify(value)}`)
    },
  },
}

/** Schemas that refuse every value below, most of them in words of their library. */
const schemas: Readonly<Record<string, StandardSchemaV1>> = {
  telling,
  throwing,
  'zod enum': z.enum(['a', 'b']),
  'zod email': z
    .string()
    .trim()
    .toLowerCase()
    .pipe(z.email({ error: (issue) => `${issue.input} is no address` })),
  'zod object': z.strictObject({ a: z.string() }),
  'zod record': z.record(z.enum(['a']), z.number()),
  'zod refinement': z.any().superRefine((value, { addIssue }) => {
    const text = JSON.stringify(value).slice(2, 12)
    addIssue({ code: 'custom', message: `"${text}…"`, path: [text] })
  }),
  'valibot picklist': v.picklist(['a', 'b']),
  'valibot email': v.pipe(v.string(), v.trim(), v.toLowerCase(), v.email()),
  'valibot object': v.strictObject({ a: v.optional(v.string()) }),
  'valibot record': v.record(v.picklist(['a']), v.number()),
  'valibot list': v.array(v.literal('a')),
  'ArkType union': type("'a' | 'b'"),
  'ArkType email': type('string.trim').to('string.lower').to('string.email'),
  'ArkType object': type({ '+': 'reject', 'a?': 'string' }),
  'ArkType list': type("('a' | 'b')[]"),
}

const secret = 'Xq7ZkPw3Vm9TyRb2'
const planted: readonly unknown[] = [
  secret,
  `  ${secret}\n`,
  `"${secret}'`,
  `${secret}@`,
  { [secret]: 1 },
  { a: { [secret]: secret }, [secret]: [secret] },
  [secret, { [secret]: secret }],
]

const ada = { username: 'ada' }
const fields = ['name', 'bio', 'gender', 'year_of_birth', 'country', 'language_proficiencies', 'social_links', 'email']

it.each(Object.entries(schemas))('errors hold nothing that was refused by a schema: %s', async (_, schema) => {
  const repository = memoryRepository()
  const users = createUserCore({
    repository,
    extendedProfile: defineExtendedProfile({ field: schema }),
    preferences: definePreferences({ key: { schema, default: null as never, scopes: ['org', 'course'] } }),
  })
  await addUser(repository, 'ada', { year_of_birth: 1990 })
  const person = { username: 'bob', email: 'bob@example.com', name: 'Bob' }
  const errors: unknown[] = []
  for (const value of planted) {
    const some = value as never
    const calls: (() => Promise<unknown>)[] = [
      () => users.accounts.update(ada, 'ada', { extended_profile: { field: some } }),
      () => users.accounts.update(ada, 'ada', { extended_profile: [{ field_name: 'field', field_value: some }] }),
      () => users.accounts.patch(ada, 'ada', [{ op: 'add', path: '/extended_profile/field', value: some }]),
      () => users.accounts.create(system, { ...person, profile: { extended_profile: { field: some } } }),
      () => users.extendedProfile.update(ada, 'ada', { field: some }),
      () => users.preferences.set(ada, 'ada', 'key', some),
      () => users.preferences.update(ada, 'ada', { key: some }),
      () => users.preferences.update(ada, 'ada', { key: some }, { org: 'OrgX' }),
      () => users.preferences.update(ada, 'ada', { key: some }, { courseId: 'course-v1:OrgX+C+R' }),
    ]
    for (const call of calls) errors.push(await call().catch((error) => error))
    for (const field of fields) {
      const update = users.accounts.update(ada, 'ada', { [field]: some })
      const create = users.accounts.create(system, { ...person, [field]: some })
      for (const call of [update, create]) await call.catch((error) => errors.push(error))
    }
  }
  for (const error of errors) {
    expect(error).toHaveProperty('code')
    const { message, code, params, issues, field_errors } = error as never
    const told = JSON.stringify([message, code, params, issues, field_errors]).toLowerCase()
    expect(told).not.toContain(secret.toLowerCase().slice(2, 10))
  }
})
