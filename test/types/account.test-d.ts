import { describe, expectTypeOf, it } from 'vitest'
import type { AccountDocument, AccountFields, AccountPatch, Actor, UpdateResult, UserCore } from '../../src/index.ts'

declare const users: UserCore<never>
declare const ada: Actor

describe('a patch', () => {
  it('takes every field that can be written', () => {
    expectTypeOf<{ bio: null; year_of_birth: '1990'; gender: ''; account_privacy: 'custom' }>().toExtend<AccountPatch>()
    users.accounts.update(ada, 'ada', {
      social_links: [{ platform: 'x', social_link: '' }],
      extended_profile: [{ field_name: 'a', field_value: { nested: [1, 'x', null] } }],
    })
  })

  it('refuses everything else', () => {
    // @ts-expect-error a misspelt field
    users.accounts.update(ada, 'ada', { boi: 'x' })
    // @ts-expect-error a field that is read-only
    users.accounts.update(ada, 'ada', { username: 'x' })
    // @ts-expect-error a name cannot be cleared
    users.accounts.update(ada, 'ada', { name: null })
    // @ts-expect-error no code of the list
    users.accounts.update(ada, 'ada', { gender: 'x' })
    // @ts-expect-error no privacy there is
    users.accounts.update(ada, 'ada', { account_privacy: 'friends' })
    // @ts-expect-error a value that JSON cannot say
    users.accounts.update(ada, 'ada', { extended_profile: [{ field_name: 'a', field_value: new Date() }] })
    // @ts-expect-error undefined is no value: leave the field out
    users.accounts.update(ada, 'ada', { bio: undefined })
    // @ts-expect-error an option that does not exist
    users.accounts.update(ada, 'ada', {}, { version: 1 })
  })
})

describe('a document', () => {
  it('has every field at most, each with its type', () => {
    expectTypeOf<keyof AccountDocument>().toEqualTypeOf<keyof AccountFields>()
    expectTypeOf<AccountDocument['year_of_birth']>().toEqualTypeOf<number | null | undefined>()
    expectTypeOf<AccountDocument['secondary_email_enabled']>().toEqualTypeOf<true | null | undefined>()
    expectTypeOf<UpdateResult['account']>().toEqualTypeOf<AccountDocument>()
    expectTypeOf<AccountFields['profile_image']>().exclude<null>().toHaveProperty('image_url_full')
  })

  it('cannot be written to', () => {
    const document: AccountDocument = {}
    // @ts-expect-error documents are read-only
    document.bio = 'x'
  })
})

describe('an actor', () => {
  it('is a person, an anonymous visitor or trusted code', () => {
    expectTypeOf<{ username: string }>().toExtend<Actor>()
    expectTypeOf<{ username: string; staff: true; permissions: ['deactivate_user'] }>().toExtend<Actor>()
    // @ts-expect-error a username alone says too little: who would 'system' be?
    users.accounts.get('ada', 'ada')
    // @ts-expect-error a permission that does not exist
    users.accounts.get({ username: 'ada', permissions: ['everything'] }, 'ada')
    // @ts-expect-error neither id nor username
    users.accounts.get({ staff: true }, 'ada')
    expectTypeOf<{ id: number }>().toExtend<Actor>()
    expectTypeOf<{ id: string; username: string; staff: boolean }>().toExtend<Actor>()
  })
})
