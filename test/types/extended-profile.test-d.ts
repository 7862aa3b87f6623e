import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expectTypeOf, it } from 'vitest'
import * as z from 'zod'
import { type Actor, createUserCore, defineExtendedProfile, type JsonValue, type Repository } from '../../src/index.ts'

declare const repository: Repository
declare const ada: Actor

const fields = {
  occupation: z.object({ name: z.string(), salary: z.string().optional() }),
  department: { schema: v.picklist(['A', 'B']), visibility: 'shared', history: true },
  since: type('string'),
} as const

const users = createUserCore({ repository, extendedProfile: fields })

describe('declared fields', () => {
  it('are read with the types of their schemas', async () => {
    const { values } = await users.extendedProfile.get(ada, 'ada')
    expectTypeOf(values.occupation).toEqualTypeOf<{ name: string; salary?: string | undefined } | undefined>()
    expectTypeOf(values.department).toEqualTypeOf<'A' | 'B' | undefined>()
    expectTypeOf(values.since).toEqualTypeOf<string | undefined>()
    // @ts-expect-error a field that is not declared
    void values.hobby
    const many = await users.extendedProfile.getMany(ada, ['ada'])
    expectTypeOf(many.get('ada')?.values.department).toEqualTypeOf<'A' | 'B' | undefined>()
  })

  it('are written with the input of their schemas, in both forms', () => {
    users.accounts.update(ada, 'ada', { extended_profile: { occupation: { salary: null }, since: null } })
    users.accounts.update(ada, 'ada', { extended_profile: [{ field_name: 'department', field_value: 'A' }] })
    users.extendedProfile.update(ada, 'ada', { department: 'B' })
    users.with(undefined).accounts.update(ada, 'ada', { extended_profile: { department: 'A' } })
    // @ts-expect-error a wrong name
    users.accounts.update(ada, 'ada', { extended_profile: { ocupation: { name: 'x' } } })
    // @ts-expect-error a wrong name in a list
    users.accounts.update(ada, 'ada', { extended_profile: [{ field_name: 'hobby', field_value: 1 }] })
    // @ts-expect-error a wrong name inside
    users.accounts.update(ada, 'ada', { extended_profile: { occupation: { title: 'x' } } })
    // @ts-expect-error no value of the schema
    users.extendedProfile.update(ada, 'ada', { department: 'C' })
    // @ts-expect-error a value of another field
    users.accounts.update(ada, 'ada', { extended_profile: [{ field_name: 'since', field_value: { name: 'x' } }] })
  })

  it('keep their types with options', async () => {
    const extendedProfile = defineExtendedProfile(fields, { unknown: 'reject', version: 2 })
    const site = createUserCore({ repository, extendedProfile })
    expectTypeOf((await site.extendedProfile.get(ada, 'ada')).values.department).toEqualTypeOf<'A' | 'B' | undefined>()
    // @ts-expect-error visibility there is none of
    defineExtendedProfile({ a: { schema: z.string(), visibility: 'everyone' } })
    // @ts-expect-error no schema
    defineExtendedProfile({ a: 'string' })
  })
})

describe('a site that declares none', () => {
  it('has free-form fields', async () => {
    const plain = createUserCore({ repository })
    plain.accounts.update(ada, 'ada', { extended_profile: { anything: { goes: [1] } } })
    expectTypeOf((await plain.extendedProfile.get(ada, 'ada')).values.anything).toEqualTypeOf<JsonValue | undefined>()
    // @ts-expect-error a value that JSON cannot say
    plain.accounts.update(ada, 'ada', { extended_profile: { anything: new Date() } })
  })
})
